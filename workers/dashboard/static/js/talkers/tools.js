// What is done with one talker's voice in the mix: gate, noise suppression, equaliser, pan. Below the row's numbers.
import { el, show, slider, text } from "../shared/dom.js";
import { ms } from "../shared/format.js";

const SOUNDS = {
  off: "Unchanged", phone: "Thin, as by phone", headset: "Sharp, as by a close headset", boomy: "Boomy, as in a bare room", dull: "Dull, as through a cloth",
};
const GATE_DB = -45; // between the noise of a room and a quiet voice
const OFF = { gate_db: null, suppress: false, eq: "off", pan: 0 };
const side = (pan) => (pan ? `${Math.round(Math.abs(pan) * 100)} % ${pan < 0 ? "left" : "right"}` : "middle");

export function voiceTools(place, peer, requests) {
  let busyUntil = 0;
  const send = () => {
    busyUntil = performance.now() + 1200;
    show(level, gate.checked);
    requests.run("SetTalkerProcessing", {
      peer, gate_db: gate.checked ? Number(threshold.input.value) : null, suppress: suppress.checked, eq: equaliser.value, pan: Number(pan.input.value),
    });
  };
  const suppress = el("input", { type: "checkbox", onchange: send });
  const gate = el("input", { type: "checkbox", onchange: send });
  const threshold = slider({ step: 1, label: "Threshold of the gate", words: (db) => `${db} dBFS`, onChange: send });
  const level = el("span", { class: "threshold", hidden: true }, threshold.input, threshold.output);
  const equaliser = el("select", { onchange: send });
  const pan = slider({ step: 0.05, label: "Place between left and right", words: side, onChange: send, detent: 0 });
  const remark = el("p", { class: "dim", hidden: true });
  place.append(
    el(
      "div",
      { class: "voice" },
      el("label", { class: "check", title: "Fans, keyboards and other voices" }, suppress, "Suppress noise"),
      el("div", { class: "gate" }, el("label", { class: "check", title: "Lowers what is quieter than the threshold" }, gate, "Gate"), level),
      el("label", { class: "field", title: "What the voice sounds like now" }, el("span", {}, "Sounds"), equaliser),
      el("div", { class: "field", title: "At constant power. Mono outputs hear the voice as in the middle" }, el("span", {}, "Pan"), el("span", { class: "pan" }, pan.input, pan.output)),
      remark,
    ),
  );

  return {
    update(state) {
      const mixer = state.one("audio.mixer");
      const mix = mixer?.talkers.find((talker) => talker.peer === peer);
      const { gate_db: gateDb, suppress: suppressing, eq, pan: place } = { ...OFF, ...mix?.processing };
      if (!threshold.input.max) {
        threshold.limit(state.about.gate_db); // a slider without its range keeps no value below 0
        threshold.set(GATE_DB);
        pan.limit(state.about.pan);
      }
      if (equaliser.options.length === 0) {
        equaliser.append(...state.about.eq_presets.map((value) => el("option", { value }, SOUNDS[value] ?? value)));
      }
      const late = mix?.processing_ms ? `Heard ${ms(mix.processing_ms)} later, in the mix alone.` : "";
      text(remark, (suppressing && mixer?.no_suppression) || late);
      show(remark, remark.textContent !== "");
      if (performance.now() < busyUntil) return;
      suppress.checked = suppressing;
      gate.checked = gateDb !== null;
      show(level, gate.checked);
      if (gateDb !== null) threshold.set(gateDb);
      equaliser.value = eq;
      pan.set(place);
    },
  };
}
