// /overlay: who is here and who speaks, for a browser source. Nothing runs while nothing changes.
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { options } from "./options.js";
import { People } from "./people.js";

const FREEZE_MS = 2500; // hides a restart. Then nobody is shown as speaking
const FORGET_MS = 20000;

const chosen = options(new URLSearchParams(location.search));
const body = document.body;
body.dataset.layout = chosen.layout;
body.dataset.align = chosen.align;
body.dataset.shape = chosen.shape;
body.dataset.fit = chosen.fit;
for (const [name, value] of Object.entries(chosen.style)) document.documentElement.style.setProperty(name, value);

const list = document.getElementById("people");
const people = new People(list, chosen);
const note = document.getElementById("note");
let timers = [];
if (chosen.fit) new MutationObserver(() => list.style.setProperty("--count", list.childElementCount)).observe(list, { childList: true });

function later(job, ms) {
  timers.push(setTimeout(job, ms));
}

function onState(state) {
  body.dataset.link = state;
  if (state === "open") {
    timers.forEach(clearTimeout);
    timers = [];
  } else if (timers.length === 0) {
    later(() => people.stopSpeaking(), FREEZE_MS);
    later(() => people.update([]), FORGET_MS);
  }
  note.hidden = state !== "refused";
  note.textContent = "The key in this address is old or wrong. Copy a new address from `partyline dashboard`.";
}

if (chosen.demo) {
  const { demo } = await import("./demo.js");
  demo((list) => people.update(list));
} else {
  new Link("/people", takeKey(), { onMessage: (frame) => people.update(frame.people), onState });
}
