// The dashboard: one link, one state, and the cards that show it.
import { Requests } from "./requests.js";
import { apiKeysCard } from "../api/keys-card.js";
import { announcements } from "../live/announcements.js";
import { banners } from "./banners.js";
import { clipCard } from "../clips/clips.js";
import { recordingsCard } from "../clips/recordings.js";
import { takeKey } from "../shared/key.js";
import { livePage } from "../live/live-page.js";
import { outputsCard } from "../outputs/outputs-card.js";
import { partyCard } from "../party/card.js";
import { dockCard } from "../dock/dock-card.js";
import { problemsCard } from "./problems.js";
import { recordingCard } from "./recording.js";
import { shortcuts } from "./shortcuts.js";
import { signIn } from "./sign-in.js";
import { soundCard } from "./sound-card.js";
import { talkersCard } from "./talkers.js";
import { workersCard } from "./workers.js";

const at = (id) => document.getElementById(id);
const key = takeKey();
const requests = new Requests(at("toasts"));
const page = livePage(at("main"), banners(at("banners"), requests), requests);

const party = partyCard(at("party"), requests);
const talkers = talkersCard(at("talkers"), requests);
const sound = soundCard(at("sound"), requests);
const recording = recordingCard(at("recording"), requests);
const clip = clipCard(at("clip"), requests);
const cards = [
  signIn(at("account"), at("sign-in"), requests),
  announcements(at("announcements")),
  problemsCard(at("problems")),
  party,
  talkers,
  sound,
  outputsCard(at("outputs"), requests),
  recording,
  clip,
  recordingsCard(at("recordings"), requests),
  dockCard(at("dock"), key, requests),
  workersCard(at("workers"), requests, page.linked),
  apiKeysCard(at("api-keys"), requests, page.linked),
];
page.run(key, { cards, metered: [talkers, sound] });
shortcuts({ help: at("help"), linked: page.linked, talkers, party, recording, clip, join: () => at("join-link")?.focus() });
