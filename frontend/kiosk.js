// The window's evaluator: comes up when the next matter is done, goes back after a while, and asks before it does.
const { events, here, home, seconds } = document.body.dataset;
const WARNED = 10;
const AGAIN_MS = 10_000;

function listen() {
  const source = new EventSource(events);
  source.addEventListener("call", () => location.replace(here));
  // Ended streams are opened again by the browser; a refusal is not, so we try later ourselves.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

function countDown() {
  const warning = document.querySelector(".warning");
  const shown = document.querySelector(".left");
  let left = Number(seconds);
  const tell = () => {
    for (const each of document.querySelectorAll(".number")) each.textContent = left;
    if (left <= WARNED && warning.hidden) {
      warning.hidden = false;
      warning.querySelector(".stay").focus();
    }
    if (left <= 0) location.replace(home);
  };
  const stay = () => {
    left = Number(seconds);
    warning.hidden = true;
    tell();
  };
  shown.hidden = false;
  warning.querySelector(".stay").addEventListener("click", stay);
  for (const kind of ["change", "scroll"]) addEventListener(kind, stay);
  setInterval(() => {
    left -= 1;
    tell();
  }, 1000);
}

listen();
if (Number(seconds)) countDown();
