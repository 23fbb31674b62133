// /overlay: who is here and who speaks, for a browser source. Nothing runs while nothing changes.
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { options } from "./options.js";
import { moves, OverlayView } from "./view.js";

const FREEZE_MS = 2500; // hides a restart. Then nobody is shown as speaking
const FORGET_MS = 20000;

const chosen = options(new URLSearchParams(location.search));
const body = document.body;
const view = new OverlayView(body, chosen);
const note = document.getElementById("note");
let timers = [];

function later(job, ms) {
  timers.push(setTimeout(job, ms));
}

function onState(state) {
  body.dataset.link = state;
  if (state === "open") {
    timers.forEach(clearTimeout);
    timers = [];
  } else if (timers.length === 0) {
    later(() => view.people.stopSpeaking(), FREEZE_MS);
    later(() => view.people.update([]), FORGET_MS);
  }
  note.hidden = state !== "refused";
  note.textContent = "The key in this address is old or wrong. Copy a new address from `partyline dashboard`.";
}

if (chosen.demo) {
  const { demo } = await import("./demo.js");
  demo((frame) => view.show(frame));
} else {
  new Link(moves(chosen) ? "/people?levels=1" : "/people", takeKey(), { onMessage: (frame) => view.show(frame), onState });
}
