// A fader: a slider in dB with 0 dB marked, where a pointer stops, and its value, which leads back to 0 dB.
import { attribute, el, slider } from "../shared/dom.js";
import { db } from "../shared/format.js";

/** Return the part of a fader's way at which a gain lies. The slider moves in equal steps of dB, as `common/basic/fader.py` has it. */
export const position = (value, range) => (value - range.least) / (range.most - range.least);

export function fader(label, onChange) {
  const mark = el("span", { class: "mark", "aria-hidden": "true" });
  const zero = el("button", { type: "button", class: "zero", title: "Back to 0 dB" });
  const gain = slider({
    step: 1, label, words: db, detent: 0, onChange,
    shown(value) {
      attribute(zero, "aria-label", `${db(value)}, set ${label} to 0 dB`);
      attribute(zero, "data-zero", value === 0);
    },
  });
  zero.append(gain.output);
  zero.onclick = () => gain.put(0);
  gain.input.ondblclick = () => gain.put(0);
  const track = el("span", { class: "fader" }, mark, gain.input);
  return {
    track,
    zero,
    input: gain.input,
    set: gain.set,
    step: gain.step,
    reset: () => gain.put(0),
    limit(range) {
      gain.limit(range);
      track.style.setProperty("--zero", position(0, range));
    },
  };
}
