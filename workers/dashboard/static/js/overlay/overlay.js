// /overlay: who is here and who speaks, for a browser source. Nothing moves, no timer runs, while nothing changes.
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { options } from "./options.js";
import { People } from "./people.js";

const FREEZE_MS = 2500; // a restart is not to be seen; after that nobody is shown as speaking
const FORGET_MS = 20000;

const wishes = options(new URLSearchParams(location.search));
const body = document.body;
body.dataset.layout = wishes.layout;
body.dataset.align = wishes.align;
body.dataset.shape = wishes.shape;
body.dataset.fit = wishes.fit;
for (const [name, value] of Object.entries(wishes.style)) document.documentElement.style.setProperty(name, value);

const list = document.getElementById("people");
const people = new People(list, wishes);
const note = document.getElementById("note");
let timers = [];
if (wishes.fit) new MutationObserver(() => list.style.setProperty("--count", list.childElementCount)).observe(list, { childList: true });

function later(job, ms) {
  timers.push(setTimeout(job, ms));
}

function onState(state) {
  body.dataset.link = state;
  if (state === "open") {
    timers.forEach(clearTimeout);
    timers = [];
  } else if (timers.length === 0) {
    later(() => people.hush(), FREEZE_MS);
    later(() => people.update([]), FORGET_MS);
  }
  note.hidden = state !== "refused";
  note.textContent = "This overlay's address has an old or wrong key. Take a new one from `partyline dashboard`.";
}

if (wishes.demo) {
  const { demo } = await import("./demo.js");
  demo((list) => people.update(list));
} else {
  new Link("/people", takeKey(), { onMessage: (frame) => people.update(frame.people), onState });
}
