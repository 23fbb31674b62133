// /obs-audio: plays the mix, or one talker, on the output of the page.
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { openOutput } from "./output.js";
import { RATE } from "./player.js";

const HEADER = 16;
const SILENCE = 1;
const STEREO = 2;
const LINK_TEXTS = {
  connecting: "Connecting …",
  away: "partyline does not answer. Reconnecting …",
  refused: "The key in this address is old or wrong. Copy a new address from `partyline dashboard`.",
};

const note = document.querySelector("#note");
const start = document.querySelector("#start");
const query = new URLSearchParams(location.search);
const talker = query.get("talker") ?? "";
const targetMs = Math.min(500, Math.max(20, Number(query.get("buffer")) || 60));
const inObs = "obsstudio" in window;

let link = "connecting";
let figures = { playing: false };
let play = null;

function show() {
  document.body.dataset.link = link;
  for (const [name, value] of Object.entries(figures)) document.body.dataset[name] = value;
  const asleep = context.state !== "running";
  start.hidden = inObs || !asleep;
  const source = talker || "the party";
  const waiting = talker ? `Waiting for ${talker}. Nobody in the party has this name, or they are silent.` : "Waiting for the party's sound …";
  const open = asleep ? "Click to start the sound." : figures.playing ? `Playing ${source}` : waiting;
  const text = link === "open" ? open : LINK_TEXTS[link];
  const detail = link === "open" && figures.playing ? ` · ${Math.round(figures.fill_ms)} ms buffered` : "";
  if (note.textContent !== text + detail) note.textContent = text + detail;
}

function packet(data) {
  if (!play || data.byteLength < HEADER) return;
  const view = new DataView(data);
  if (view.getUint8(0) !== 1) return;
  const flags = view.getUint16(2, true);
  const samples = flags & SILENCE ? null : new Int16Array(data, HEADER);
  play({
    frames: view.getUint8(1),
    boot: view.getUint32(4, true),
    tick: view.getUint32(8, true),
    gain: view.getFloat32(12, true),
    samples,
    stereo: (flags & STEREO) !== 0,
  });
}

const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
context.onstatechange = show;
start.onclick = () => context.resume();
note.hidden = inObs;
play = await openOutput(context, targetMs, (data) => {
  figures = data;
  show();
});
context.resume().catch(() => show());

new Link(talker ? `/sound?talker=${encodeURIComponent(talker)}` : "/sound", takeKey(), {
  binary: true,
  onMessage: packet,
  onState: (state) => {
    link = state;
    show();
  },
});
