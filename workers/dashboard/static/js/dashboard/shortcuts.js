// The keyboard shortcuts. Letters do nothing while the user types.
import { el } from "../shared/dom.js";

const KEYS = [
  ["↑ ↓", "select a talker"],
  ["m", "mute the talker"],
  ["s", "solo"],
  ["+ −", "louder, quieter"],
  ["/", "join with a link"],
  ["n", "rename the party"],
  ["f", "follow somebody"],
  ["r", "start or stop recording"],
  ["k", "add a mark"],
  ["c", "save a clip"],
  ["?", "this list"],
];

export function shortcuts({ help, talkers, party, recording, clip, join }) {
  const lines = KEYS.map(([key, does]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, does)));
  const close = el("button", { class: "primary" }, "Close");
  const form = el("form", { method: "dialog" }, el("h2", {}, "Keyboard"), el("dl", { class: "keys" }, ...lines), el("div", { class: "line end" }, close));
  const dialog = el("dialog", { "aria-label": "Keyboard shortcuts" }, form);
  document.body.append(dialog);
  help.onclick = () => dialog.showModal();

  const move = (by) => {
    const rows = talkers.rows();
    const present = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.max(0, Math.min(rows.length - 1, present + by))]?.focus();
  };
  const does = {
    m: () => talkers.focused()?.mute(),
    s: () => talkers.focused()?.solo(),
    "+": () => talkers.focused()?.gain(1),
    "-": () => talkers.focused()?.gain(-1),
    "/": join,
    n: party.rename,
    f: party.follow,
    r: recording.toggle,
    k: recording.mark,
    c: clip.save,
    "?": help.onclick,
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=range]):not([type=checkbox]), select, textarea, dialog");
    const slides = event.target.matches("input[type=range]") && event.key.startsWith("Arrow");
    if (typing || slides || event.ctrlKey || event.metaKey || event.altKey || !(event.key in does)) return;
    event.preventDefault();
    does[event.key]();
  });
}
