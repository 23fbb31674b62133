// The keyboard shortcuts. Letters do nothing while the user types, and none does while they are switched off.
import { el, show } from "../shared/dom.js";
import { remembered } from "../shared/remembered.js";

const KEYS = [
  ["↑ ↓", "select a talker"],
  ["m", "mute the talker"],
  ["s", "solo"],
  ["+ −", "louder, quieter"],
  ["0", "back to 0 dB"],
  ["d", "details of the talker"],
  ["/", "join with a link"],
  ["n", "rename the party"],
  ["f", "follow somebody"],
  ["r", "start or stop recording"],
  ["k", "add a mark"],
  ["?", "this list"],
];

export function shortcuts({ help, linked, talkers, party, recording, join }) {
  const lines = KEYS.map(([key, does]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, does)));
  const close = el("button", { class: "primary" }, "Close");
  const kept = remembered("shortcuts", ["on", "off"]);
  const on = el("input", { type: "checkbox", checked: kept.get() === "on" });
  const off = el("p", { class: "dim", hidden: on.checked }, "Only the arrow keys work now, in the list of talkers.");
  on.onchange = () => {
    kept.set(on.checked ? "on" : "off");
    show(off, !on.checked);
  };
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", {}, "Keyboard"),
    el("dl", { class: "keys" }, ...lines),
    el("label", { class: "check" }, on, "Use these shortcuts"),
    off,
    el("div", { class: "line end" }, close),
  );
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
    "0": () => talkers.focused()?.reset(),
    d: () => talkers.focused()?.details(),
    "/": join,
    n: party.rename,
    f: party.follow,
    r: recording.toggle,
    k: recording.mark,
    "?": help.onclick,
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=range]):not([type=checkbox]), select, textarea, dialog");
    const arrow = event.key.startsWith("Arrow");
    const slides = event.target.matches("input[type=range]") && arrow;
    if (typing || slides || event.ctrlKey || event.metaKey || event.altKey || !(event.key in does)) return;
    if (!arrow && kept.get() === "off") return;
    if (!linked() && !arrow && event.key !== "?") return; // as the buttons, which are disabled then
    event.preventDefault();
    does[event.key]();
  });
}
