// One key gives an answer while no text is being written, unless single keys were switched off; the button says what the
// chosen answer does.

const TEXT = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])";

function choose(key) {
  const labels = [...document.querySelectorAll("label[data-key]")].filter((label) => label.dataset.key === key);
  labels.find((label) => label.offsetParent !== null)?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TEXT)) return;
  if (localStorage.getItem("bihuan-no-single-keys") === "1") return;
  choose(event.key);
});

document.addEventListener("change", ({ target }) => {
  const button = document.querySelector("button[data-verb]");
  if (button && target.dataset.says) button.textContent = target.dataset.says;
});
