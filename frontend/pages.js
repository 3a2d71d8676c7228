// What every office page does beyond plain links and forms: the keyboard, and what is shown for a while only.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

// Rows of a table are walked with j and k, opened with Enter; single letters do nothing in a field or while composing.
function walk(step) {
  const rows = [...document.querySelectorAll("tr.case")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.classList.contains("is-here"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  rows.forEach((row) => row.classList.toggle("is-here", row === next));
  next.querySelector("a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const PLACES = { i: "/inbox", c: "/cases" };
let going = false;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Enter" && event.ctrlKey) document.querySelector("form[data-main]")?.requestSubmit();
    return;
  }
  if (typing(event.target)) return;
  if (going && PLACES[event.key]) location.assign(PLACES[event.key]);
  going = event.key === "g";
  if (event.key === "j") walk(1);
  if (event.key === "k") walk(-1);
  if (event.key === "?") document.querySelector("#keys").showModal();
});

// What is shown for a while goes by itself, and is not there again when one comes back to the page.
for (const shown of document.querySelectorAll("[data-gone-after]")) {
  setTimeout(() => shown.remove(), Number(shown.dataset.goneAfter) * 1000);
  addEventListener("pagehide", () => shown.remove());
}
