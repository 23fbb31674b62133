// /overlay-setup: choose how the overlay looks, see it at once, and take the address into OBS.
import { Requests } from "../dashboard/requests.js";
import { State } from "../dashboard/state.js";
import { isMadeUp } from "../overlay/demo.js";
import { options, written } from "../overlay/options.js";
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { rich } from "../shared/dom.js";
import { addressBox } from "./address-box.js";
import { optionFields } from "./option-fields.js";
import { overlayInObs } from "./overlay-in-obs.js";
import { overlayPreview } from "./overlay-preview.js";
import { personRows } from "./person-rows.js";

const REDRAW_MS = 2000; // looks for an OBS that may have been started
const STORE_MS = 500; // Safari allows 100 changes of the address in 30 s
const LINK_WORDS = {
  connecting: "",
  open: "",
  away: "partyline does not answer. This page tries again by itself. Check with `partyline status` whether it is running.",
  refused: "The key in this address is old or wrong, or it is the overlay's own. Open this page from the dashboard: `partyline dashboard`.",
};
const at = (id) => document.getElementById(id);
const key = takeKey(); // first, so that it leaves the address
let chosen = options(new URLSearchParams(location.search));
let origin = location.origin;
let readKey = "";
let present = [];
let storing = 0;

const address = addressBox(at("address"), { onRead, onForget: () => choosePeople(persons.ofPresent()) });
const fields = optionFields(at("options"), (name, value) => choose({ ...chosen, [name]: value }));
const persons = personRows(at("persons"), choosePeople);
const preview = overlayPreview(
  { tools: at("preview-tools"), frame: at("frame"), root: at("preview"), note: at("preview-note") },
  chosen,
  { onPeople, onPlace: (account, place) => persons.choose(account, place) },
);

const state = new State();
const requests = new Requests(at("toasts"));
const obs = overlayInObs(at("obs"), requests, {
  look: () => written(forObs()).toString(),
  size: () => ({ ...preview.size }),
  isSized: () => preview.isSized,
  onLook: (query) => choose(options(new URLSearchParams(query))),
  redraw: drawObs,
});

/** The options as OBS is to have them. What is tried on made-up people stays here. */
function forObs() {
  return { ...chosen, people: chosen.people.filter((choice) => !isMadeUp(choice)) };
}

function draw() {
  fields.update(chosen);
  persons.update(present, chosen);
  address.update(origin, readKey, forObs());
  drawObs();
}

function drawObs() {
  if (state.topics.size) obs.update(state);
}

function choose(wanted) {
  chosen = wanted;
  preview.choose(chosen);
  clearTimeout(storing);
  storing = setTimeout(store, STORE_MS);
  draw();
}

/** Put the options into this page's address, so that a reload goes on with them. */
function store() {
  const query = written(forObs()).toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
}

function choosePeople(people) {
  choose({ ...chosen, people });
}

function onPeople(people) {
  const others = people.filter(({ me, own }) => own || !me); // partyline's own account says nothing
  const seen = new Map(others.map(({ account, name, own }) => [account, { account, name, mark: own ? "you" : "" }]));
  const now = [...seen.values()];
  if (JSON.stringify(now) === JSON.stringify(present)) return;
  present = now;
  persons.update(present, chosen);
}

function onRead(found) {
  origin = found.origin;
  choose(found.chosen);
  if (found.key === readKey) return "Read. Change what you like, then copy the new address.";
  return "Read. Its key was an old one: copy the new address, which has the present key.";
}

draw();
if (key) {
  requests.link = new Link("/live", key, {
    onMessage(frame) {
      state.apply(frame);
      for (const answer of frame.answers ?? []) requests.settle(answer);
      drawObs();
    },
    onState(now) {
      at("obs").inert = now !== "open";
      if (now !== "open") requests.rejectAll();
    },
  });
  setInterval(drawObs, REDRAW_MS);
  new Link("/people?levels=1&setup=1", key, {
    onMessage(frame) {
      preview.receive(frame);
      if (!frame.key) return;
      readKey = frame.key;
      draw();
    },
    onState: (state) => rich(at("link"), LINK_WORDS[state]),
  });
} else {
  at("obs").hidden = true;
  rich(at("link"), "Open this page from the dashboard: `partyline dashboard` in a terminal. Without its key there is no address for OBS.");
}
