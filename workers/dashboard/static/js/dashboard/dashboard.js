// The dashboard: one link, one state, and cards that are drawn from it.
import { Actions } from "./actions.js";
import { banners } from "./banners.js";
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { partyCard } from "../party/card.js";
import { problemsCard } from "./problems.js";
import { recordingCard } from "./recording.js";
import { shortcuts } from "./shortcuts.js";
import { signIn } from "./sign-in.js";
import { soundCard } from "./sound-card.js";
import { State } from "./state.js";
import { talkersCard } from "./talkers.js";
import { workersCard } from "./workers.js";

const at = (id) => document.getElementById(id);
const state = new State();
const actions = new Actions(at("toasts"));
let link = "connecting";
let told = false;

const party = partyCard(at("party"), actions);
const talkers = talkersCard(at("talkers"), actions);
const sound = soundCard(at("sound"), actions);
const recording = recordingCard(at("recording"), actions);
const cards = [
  signIn(at("account"), at("sign-in"), actions),
  problemsCard(at("problems")),
  party,
  talkers,
  sound,
  recording,
  workersCard(at("workers"), actions, () => link === "open"),
];
const banner = banners(at("banners"), actions);

/** Nothing but levels, as ten times a second: no need to look at anything else. */
function meters({ about, bus, answers, topics = {} }) {
  return !about && bus === undefined && !answers && Object.keys(topics).join() === "audio.levels/";
}

function draw() {
  banner.update(state, link);
  at("main").hidden = !told || link === "refused";
  document.body.classList.toggle("stale", told && link !== "open");
  if (told) for (const card of cards) card.update(state);
}

const key = takeKey();
if (key) {
  actions.link = new Link("/live", key, {
    onMessage(frame) {
      told = true;
      state.take(frame);
      for (const answer of frame.answers ?? []) actions.settle(answer);
      if (meters(frame)) for (const card of [talkers, sound]) card.levels(state.one("audio.levels"));
      else draw();
    },
    onState(now) {
      if (link === "open" && now !== "open") actions.giveUp();
      link = now;
      draw();
    },
  });
} else {
  link = "no key";
  draw();
}
setInterval(draw, 2000); // what only time changes: ages, a worker's silence
shortcuts({ help: at("help"), talkers, party, recording, join: () => document.getElementById("join-link")?.focus() });
