// The dashboard: one link, one state, and the cards that show it.
import { Requests } from "./requests.js";
import { banners } from "./banners.js";
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { outputsCard } from "../outputs/outputs-card.js";
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
const requests = new Requests(at("toasts"));
let link = "connecting";
let synced = false;

const party = partyCard(at("party"), requests);
const talkers = talkersCard(at("talkers"), requests);
const sound = soundCard(at("sound"), requests);
const recording = recordingCard(at("recording"), requests);
const cards = [
  signIn(at("account"), at("sign-in"), requests),
  problemsCard(at("problems")),
  party,
  talkers,
  sound,
  outputsCard(at("outputs"), requests),
  recording,
  workersCard(at("workers"), requests, () => link === "open"),
];
const banner = banners(at("banners"), requests);

/** Return whether a frame has only levels, which come ten times a second. */
function onlyLevels({ about, bus, answers, topics = {} }) {
  return !about && bus === undefined && !answers && Object.keys(topics).join() === "audio.levels/";
}

function draw() {
  banner.update(state, link);
  at("main").hidden = !synced || link === "refused";
  document.body.classList.toggle("stale", synced && link !== "open");
  if (synced) for (const card of cards) card.update(state);
}

const key = takeKey();
if (key) {
  requests.link = new Link("/live", key, {
    onMessage(frame) {
      synced = true;
      state.apply(frame);
      for (const answer of frame.answers ?? []) requests.settle(answer);
      if (onlyLevels(frame)) for (const card of [talkers, sound]) card.levels(state.one("audio.levels"));
      else draw();
    },
    onState(now) {
      if (link === "open" && now !== "open") requests.rejectAll();
      link = now;
      draw();
    },
  });
} else {
  link = "no key";
  draw();
}
setInterval(draw, 2000); // for what changes with time only: ages, stale heartbeats
shortcuts({ help: at("help"), talkers, party, recording, join: () => document.getElementById("join-link")?.focus() });
