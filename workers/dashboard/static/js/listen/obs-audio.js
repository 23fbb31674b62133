// /obs-audio: plays the mix, or one talker, on the output of the page.
import { storedKey, takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { openOutput } from "./output.js";
import { packetIn } from "./packet.js";
import { RATE } from "./player.js";
import { chooseWay, ticketIn } from "./way.js";
import { WebRtcSound } from "./webrtc.js";

const LINK_TEXTS = {
  connecting: "Connecting …",
  away: "partyline does not answer. Reconnecting …",
  refused: "The key in this address is old or wrong. Copy a new address from `partyline dashboard`.",
};

const note = document.querySelector("#note");
const start = document.querySelector("#start");
const query = new URLSearchParams(location.search);
const talker = query.get("talker") ?? "";
const asked = Number(query.get("buffer"));
const inObs = "obsstudio" in window;
const ticket = ticketIn(location.hash);
const key = takeKey() || storedKey();

let link = "connecting";
let words = "";
let figures = { playing: false };
let isAsleep = () => false;

function show() {
  document.body.dataset.link = link;
  for (const [name, value] of Object.entries(figures)) document.body.dataset[name] = value;
  const asleep = isAsleep();
  start.hidden = inObs || !asleep;
  const source = talker || "the party";
  const waiting = talker ? `Waiting for ${talker}. Nobody in the party has this name, or they are silent.` : "Waiting for the party's sound …";
  const open = asleep ? "Click to start the sound." : figures.playing ? `Playing ${source}` : waiting;
  const text = link === "open" ? open : words || LINK_TEXTS[link];
  const detail = link === "open" && figures.playing ? ` · ${Math.round(figures.fill_ms)} ms buffered` : "";
  if (note.textContent !== text + detail) note.textContent = text + detail;
}

function onFigures(data) {
  figures = data;
  show();
}

function onState(state, told = "") {
  link = state;
  words = told;
  show();
}

async function playWebSocket() {
  const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
  isAsleep = () => context.state !== "running";
  context.onstatechange = show;
  start.onclick = () => context.resume();
  const play = await openOutput(context, Math.min(500, Math.max(20, asked || 60)), onFigures);
  context.resume().catch(show);
  new Link(talker ? `/sound?talker=${encodeURIComponent(talker)}` : "/sound", key, {
    binary: true,
    onMessage: (data) => {
      const packet = packetIn(data);
      if (packet) play(packet);
    },
    onState,
  });
}

function playWebRtc() {
  const player = new Audio();
  isAsleep = () => player.srcObject !== null && player.paused;
  const wake = () => player.play().then(show, show);
  start.onclick = wake;
  new WebRtcSound({
    talker,
    bearer: ticket || key,
    bufferMs: Math.min(500, Math.max(0, asked || 0)),
    onFigures,
    onState,
    onTrack: (stream) => {
      player.srcObject = stream;
      wake();
    },
  });
}

if (ticket) history.replaceState(null, "", location.pathname + location.search);
note.hidden = inObs;
const way = chooseWay({
  via: query.get("via"),
  byLink: ticket !== "" || key === "",
  hasWorklet: globalThis.isSecureContext && "audioWorklet" in AudioContext.prototype,
  hasWebRtc: "RTCPeerConnection" in globalThis,
});
document.body.dataset.way = way;
if (way === "webrtc") playWebRtc();
else await playWebSocket();
