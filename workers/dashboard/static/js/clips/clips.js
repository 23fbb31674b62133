// The clip memory: keep the last seconds, and save them.
import { el, show, text } from "../shared/dom.js";
import { bytes } from "../shared/format.js";
import { partAway } from "../live/parts.js";

const LENGTHS = [
  [30, "30 seconds"],
  [60, "1 minute"],
  [120, "2 minutes"],
  [300, "5 minutes"],
];
const TELL = "Tell everybody first: in many places the law requires everybody's consent.";

export function clipCard(place, requests) {
  const title = el("h2", {}, "Clip");
  const save = el("button", { type: "button", class: "primary" }, "Save a clip");
  const caption = el("p", { class: "dim wrap" });
  const length = el("select", { "aria-label": "How much is kept" }, ...LENGTHS.map(([value, words]) => el("option", { value }, words)));
  const keep = el("button", { type: "button" }, "Keep");
  const off = el("button", { type: "button", class: "quiet" }, "Keep nothing");
  const away = partAway("recorder", requests);
  let kept = 0;

  const remember = (button, seconds) => requests.during(button, () => requests.run("KeepClip", { seconds }));
  const saveClip = async () => {
    const saved = await requests.during(save, () => requests.run("SaveClip", { seconds: 0 }));
    if (saved) requests.confirm(`${Math.round(saved.seconds)} s are saved. The list of recordings has them.`);
  };
  save.onclick = saveClip;
  keep.onclick = () => remember(keep, Number(length.value));
  length.onchange = () => kept && remember(keep, Number(length.value));
  off.onclick = () => remember(off, 0);
  place.append(title, away.element, save, caption, el("div", { class: "line" }, length, keep, off));

  return {
    update(state) {
      const clip = state.one("clip");
      const now = clip?.seconds ?? 0;
      if (now && now !== kept && document.activeElement !== length) length.value = String(now);
      kept = now;
      away.update(state);
      show(save, kept > 0);
      show(off, kept > 0);
      show(keep, kept === 0);
      text(caption, describe(clip));
    },
    save: () => (kept ? saveClip() : requests.toast("Nothing is kept in memory, so there is no clip to save.", "Choose how much to keep on the card Clip.")),
  };
}

function describe(clip) {
  if (!clip?.seconds) return `Nothing is kept now. Partyline can keep the last seconds of everybody in memory, to save them when something has happened. ${TELL}`;
  const waiting = clip.waiting ? ` ${clip.waiting} wait for room on the disk.` : "";
  return `The last ${Math.min(clip.seconds, Math.max(5, clip.kept_s))} s of everybody are in memory (${bytes(clip.memory_bytes)}). The others should know that.${waiting}`;
}
