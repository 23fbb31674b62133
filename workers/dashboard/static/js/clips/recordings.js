// The recordings and clips on the disk: played, shown, renamed, deleted, exported.
import { el, keyed, show, text } from "../shared/dom.js";
import { bytes, clock, counted } from "../shared/format.js";

const SHOWN = 5; // until all are asked for
const CONFIRM_MS = 5000;
const EXPORTS = [
  ["m4a", "M4A of the mix"],
  ["mp3", "MP3 of the mix"],
  ["opus", "Opus of the mix"],
  ["lof", "Audacity project (LOF)"],
  ["rpp", "REAPER project (RPP)"],
  ["chapters", "Chapters for podcasts (JSON)"],
  ["ffmetadata", "Chapters for FFmpeg"],
];
const STATES = { recording: "being recorded", interrupted: "interrupted", newer: "made by a newer version" };
const here = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

export function recordingsCard(place, requests) {
  const list = el("ul", { class: "recordings" });
  const more = el("button", { type: "button", class: "quiet" });
  const nothing = el("p", { class: "dim" }, "There are none yet.");
  const rows = new Map();
  let all = false;
  let last = null;

  more.onclick = () => {
    all = !all;
    if (last) update(last);
  };
  place.append(el("h2", {}, "Recordings"), nothing, list, more);

  function update(state) {
    last = state;
    const found = state.one("recordings");
    const recordings = found?.recordings ?? [];
    keyed(list, rows, all ? recordings : recordings.slice(0, SHOWN), (entry) => entry.recording, (entry) => row(entry, requests));
    show(nothing, recordings.length === 0);
    show(more, recordings.length > SHOWN);
    text(more, all ? "Show fewer" : `Show all ${recordings.length}`);
  }
  return { update };
}

function row(first, requests) {
  let entry = first;
  const name = el("strong", { class: "wrap" });
  const about = el("span", { class: "dim" });
  const file = el("select", { "aria-label": "What to play" });
  const play = el("button", { type: "button" }, "Play");
  const reveal = el("button", { type: "button", class: "quiet" }, "Show the folder");
  const rename = el("button", { type: "button", class: "quiet" }, "Rename");
  const remove = el("button", { type: "button", class: "quiet" }, "Delete");
  const input = el("input", { type: "text", maxLength: 80, "aria-label": "New name" });
  const naming = el("form", { class: "line", hidden: true }, input, el("button", { type: "submit" }, "Rename"));
  const kinds = el("select", { "aria-label": "Export as" }, el("option", { value: "" }, "Export as …"), ...EXPORTS.map(([value, words]) => el("option", { value }, words)));
  const player = el("audio", { controls: true, hidden: true, preload: "metadata" });
  const tools = el("div", { class: "line" }, file, play, kinds);
  const others = el("div", { class: "line" }, here ? reveal : null, rename, remove);
  const more = el("details", {}, el("summary", {}, "More"), others, naming);
  const element = el("li", {}, el("div", { class: "about-recording" }, name, about), tools, player, more);
  let confirming = 0;

  const done = async (button, job) => {
    const answer = await requests.during(button, job);
    if (answer) requests.confirm(answer.message);
    return answer;
  };
  play.onclick = async () => {
    const found = await requests.during(play, () => requests.run("PlayRecording", { recording: entry.recording, file: file.value }));
    if (!found) return;
    player.src = found.address;
    player.hidden = false;
    player.play().catch(() => {}); // the browser wants another click, and shows its own button
  };
  player.addEventListener("error", () => {
    if (player.hidden) return;
    player.hidden = true;
    requests.toast("This file cannot be played here.", "Show its folder, and open it with another program.");
  });
  reveal.onclick = () => done(reveal, () => requests.run("RevealRecording", { recording: entry.recording }));
  rename.onclick = () => {
    naming.hidden = !naming.hidden;
    input.value = entry.name;
    if (!naming.hidden) input.focus();
  };
  naming.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await done(rename, () => requests.run("RenameRecording", { recording: entry.recording, name: input.value.trim() }))) naming.hidden = true;
  });
  const calm = () => {
    clearTimeout(confirming);
    confirming = 0;
    text(remove, "Delete");
    remove.classList.remove("stop");
  };
  remove.onclick = () => {
    if (confirming) {
      calm();
      return done(remove, () => requests.run("DeleteRecording", { recording: entry.recording }));
    }
    text(remove, "Move to the trash?");
    remove.classList.add("stop");
    confirming = setTimeout(calm, CONFIRM_MS);
  };
  kinds.onchange = async () => {
    const kind = kinds.value;
    kinds.value = "";
    if (kind) await done(kinds, () => requests.run("ExportRecording", { recording: entry.recording, kind }));
  };

  return {
    element,
    update(now) {
      entry = now;
      const when = new Date(now.started_at * 1000);
      text(name, now.name && now.name !== now.kind ? now.name : now.kind === "clip" ? "Clip" : "Recording");
      text(about, describe(now, when));
      const files = now.files.map((one) => one.file).join("/");
      if (file.dataset.files !== files) {
        file.dataset.files = files;
        file.replaceChildren(...now.files.map((one) => el("option", { value: one.file }, one.title)));
      }
      const finished = now.state === "finished";
      show(tools, finished && now.files.length > 0);
      show(more, now.state !== "recording");
      rename.disabled = !finished;
    },
  };
}

function describe(entry, when) {
  const day = when.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const talkers = entry.files.filter((one) => one.file.endsWith(".flac") && one.title !== "mix").length;
  const state = STATES[entry.state] ? ` · ${STATES[entry.state]}` : "";
  if (entry.state === "recording") return `${day}${state}`;
  return `${day} · ${clock(entry.seconds)} · ${counted(talkers, "talker")} · ${bytes(entry.size_bytes)}${state}`;
}
