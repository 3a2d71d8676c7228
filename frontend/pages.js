// What every office page does beyond plain links and forms: the keyboard, choosing rows, coming back to where one was,
// and what is shown for a while only.
import "htmx.org";

const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

// Rows of a table are walked with j and k, opened with Enter.
const rows = () => all("tr.case");
const here = () => find("tr.case.is-here");

function stand(row) {
  rows().forEach((each) => each.classList.toggle("is-here", each === row));
  row?.querySelector("a").focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function walk(step) {
  const every = rows();
  if (!every.length) return turn(step);
  stand(every[Math.min(every.length - 1, Math.max(0, every.indexOf(here()) + step))]);
}

// The list one came from: a case page leads on to its neighbours, and back to the same row, filter and page.
const CAME_FROM = "bihuan-list";
const list = JSON.parse(sessionStorage.getItem(CAME_FROM) ?? "null");
const path = location.pathname;

if (rows().length) {
  const cases = rows().map((row) => row.querySelector("a").getAttribute("href"));
  sessionStorage.setItem(CAME_FROM, JSON.stringify({ address: path + location.search, cases }));
  const last = sessionStorage.getItem("bihuan-last");
  if (last && cases.includes(last)) stand(rows()[cases.indexOf(last)]);
} else if (list?.cases.includes(path)) {
  sessionStorage.setItem("bihuan-last", path);
  find("a[data-back]")?.setAttribute("href", list.address);
}

function turn(step) {
  const next = list?.cases[list.cases.indexOf(path) + step];
  if (list?.cases.includes(path) && next) location.assign(next);
}

// Rows that were chosen, and what can be done with them; the bar says the true numbers.
const boxes = () => all("form[data-many] input[name=task]");
let lastBox = null;

function choose(row, upTo) {
  const box = row?.querySelector("input[name=task]");
  if (!box) return;
  const every = boxes();
  const from = upTo && lastBox ? every.indexOf(lastBox) : every.indexOf(box);
  const to = every.indexOf(box);
  const chosen = upTo || !box.checked;
  every.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => (each.checked = chosen));
  lastBox = box;
  tell();
}

function tell() {
  const form = find("form[data-many]");
  if (!form) return;
  const chosen = boxes().filter((box) => box.checked);
  const free = chosen.filter((box) => "free" in box.dataset).length;
  const [every, takeable] = form.querySelectorAll("output");
  [every.value, takeable.value] = [chosen.length, free];
  form.classList.toggle("has-chosen", chosen.length > 0);
  form.querySelector("[data-take]").textContent = `认领 ${free} 件`;
  form.querySelector("[data-give]").textContent = `转交 ${chosen.length} 件`;
  form.querySelector("[data-all]").checked = chosen.length === boxes().length;
}

function chooseAll(chosen) {
  boxes().forEach((box) => (box.checked = chosen));
  tell();
}

document.addEventListener("change", (event) => event.target.name === "task" && tell());
// What is to be taken is not to be given: the choice of a colleague counts for its own button alone.
find("[data-take]")?.addEventListener("click", () => (find("#to").value = ""));
find("[data-give]")?.addEventListener("click", (event) => {
  if (!find("#to").value) {
    event.preventDefault();
    find("#to").focus();
  }
});
find("[data-all]")?.removeAttribute("hidden");
find("[data-all]")?.addEventListener("change", (event) => chooseAll(event.target.checked));
find("[data-drop]")?.addEventListener("click", () => chooseAll(false));
tell();

// Single letters do nothing in a field, while an input method composes, or where they were switched off.
const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
const OFF = "bihuan-no-single-keys";
const switches = all("[data-single-keys]");
const show = () => switches.forEach((each) => (each.checked = localStorage.getItem(OFF) === "1"));
switches.forEach((each) => each.addEventListener("change", () => (localStorage.setItem(OFF, each.checked ? "1" : ""), show())));
show();

const PLACES = { i: "/inbox", c: "/cases", r: "/revisits", s: "/leaders" };
const goTo = (address) => find(`.bar nav a[href="${address}"]`) && location.assign(address);
const KEYS = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => choose(here()),
  X: () => choose(here(), true),
  c: () => here()?.querySelector("button[name=take_one]")?.click(),
  t: () => find("#to")?.focus(),
  "/": () => find(".bar input[type=search]")?.focus(),
  f: () => find(".menu summary")?.focus(),
  "?": () => find("#keys").showModal(),
};
let going = false;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Enter" && event.ctrlKey) find("form[data-main]")?.requestSubmit();
    return;
  }
  if (event.key === "Escape") {
    const open = all("details.menu[open]");
    open.forEach((menu) => menu.removeAttribute("open"));
    if (!open.length && !find("dialog[open]")) chooseAll(false);
  }
  if (typing(event.target) || localStorage.getItem(OFF) === "1") return;
  if (going && PLACES[event.key]) goTo(PLACES[event.key]);
  else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
  going = event.key === "g";
});

// One menu at a time; a click beside it closes it.
document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.removeAttribute("open");
});

find("[data-print]")?.addEventListener("click", () => print());

// What is shown for a while goes by itself, and is not there again when one comes back to the page.
for (const shown of all("[data-gone-after]")) {
  setTimeout(() => shown.remove(), Number(shown.dataset.goneAfter) * 1000);
  addEventListener("pagehide", () => shown.remove());
}
