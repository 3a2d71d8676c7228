// 读给我听: offered only where the browser has a Chinese voice; reads the question and what can be answered.
const button = document.querySelector(".speak");

function offer() {
  const voice = speechSynthesis.getVoices().find((each) => each.lang.startsWith("zh"));
  if (!voice) return;
  button.hidden = false;
  button.onclick = () => {
    const words = [...document.querySelectorAll("[data-spoken]")].filter((each) => each.offsetParent).map((each) => each.innerText);
    const spoken = new SpeechSynthesisUtterance(words.join("。"));
    Object.assign(spoken, { voice, lang: voice.lang, rate: 0.9 });
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken);
  };
}

if (button && "speechSynthesis" in window) {
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer);
}
