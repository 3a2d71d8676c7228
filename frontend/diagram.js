// A case on its diagram: what was travelled, where it stands; the outline beside it says the same in words.
import Viewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";

const SMALLEST = 0.7;

async function show(canvas) {
  const answer = await fetch(canvas.dataset.diagram);
  // Signed out meanwhile, or away: the outline beside it says the same.
  if (!answer.ok || answer.redirected) {
    canvas.textContent = "流程图没有打开，请刷新这一页。左边的大纲说的是同一件事。";
    return;
  }
  const colour = (name) => getComputedStyle(canvas).getPropertyValue(name).trim();
  const bpmnRenderer = { defaultStrokeColor: colour("--field"), defaultLabelColor: colour("--ink-2") };
  const viewer = new Viewer({ container: canvas, bpmnRenderer, textRenderer: { defaultStyle: { fontSize: 14 }, externalStyle: { fontSize: 14 } } });
  await viewer.importXML(await answer.text());
  const { done, now, late } = JSON.parse(canvas.dataset.state);
  const view = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const elements = viewer.get("elementRegistry");
  const travelled = new Set([...done, ...now]);
  for (const id of travelled) if (elements.get(id)) view.addMarker(id, now.includes(id) ? "is-now" : "travelled");
  for (const flow of elements.filter((each) => each.type === "bpmn:SequenceFlow")) {
    if (travelled.has(flow.source.id) && travelled.has(flow.target.id)) view.addMarker(flow, "travelled");
  }
  for (const id of now.filter((each) => elements.get(each))) {
    const token = document.createElement("div");
    token.className = late.includes(id) ? "token late" : "token";
    token.textContent = late.includes(id) ? "● 超期" : "● 在这里";
    overlays.add(id, { position: { top: -22, left: 0 }, html: token });
  }
  view.zoom("fit-viewport");
  const here = [...now, ...done.reverse()].map((id) => elements.get(id)).find(Boolean);
  if (view.zoom() < SMALLEST) {
    view.zoom(SMALLEST, here ? { x: here.x + here.width / 2, y: here.y + here.height / 2 } : "auto");
    if (here) view.scrollToElement(here, { top: 120, bottom: 120, left: 160, right: 160 });
  }
  for (const button of document.querySelectorAll("[data-element]")) {
    button.addEventListener("click", () => {
      if (elements.get(button.dataset.element)) view.scrollToElement(button.dataset.element, 120);
    });
  }
  canvas.dataset.ready = "true";
}

document.querySelectorAll("[data-diagram]").forEach(show);
