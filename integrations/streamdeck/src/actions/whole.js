// Keys for the whole party: recording, mark, clip, everybody muted, who speaks.
import { clock } from "partyline-api";
import { KeyIdle, numberOr, person, PLUGIN } from "./shared.js";

const records = (/** @type {import("./shared.js").Model} */ model) => model.recording?.state === "recording";

/** @type {import("./shared.js").KeyKind} */
export const record = {
  uuid: `${PLUGIN}.record`,
  look(_, model) {
    const on = records(model);
    const detail = !on && model.recording?.state === "stopped" ? "it stopped" : "";
    const lines = on ? [clock(model.recording.seconds)] : ["Record"];
    return { picture: { glyph: "record", lines, lit: on, note: on ? "REC" : detail }, state: Number(on) };
  },
  press({ model, wanted }) {
    const on = wanted === undefined ? !records(model) : wanted === 1;
    if (on === records(model)) return Promise.resolve();
    return model.client.request(on ? "StartRecording" : "StopRecording");
  },
};

/** @type {import("./shared.js").KeyKind} */
export const mark = {
  uuid: `${PLUGIN}.mark`,
  confirms: true,
  look(_, model) {
    const on = records(model);
    return { picture: { glyph: "mark", lines: ["Mark"], note: on ? `${model.recording.marks} set` : "no recording" } };
  },
  press({ settings, model }) {
    if (!records(model)) throw new KeyIdle(["nothing is", "recorded"]);
    return model.client.request("MarkRecording", { text: String(settings.text ?? "") });
  },
};

/** @type {import("./shared.js").KeyKind} */
export const clip = {
  uuid: `${PLUGIN}.clip`,
  confirms: true,
  look(settings, model) {
    const kept = model.clip?.seconds ?? 0;
    const wanted = numberOr(settings.seconds, 0) || kept;
    return { picture: { glyph: "clip", lines: ["Clip"], note: kept ? `last ${Math.min(wanted, kept)} s` : "is off" } };
  },
  press({ settings, model }) {
    if (!model.clip?.seconds) throw new KeyIdle(["clips", "are off"]);
    return model.client.request("SaveClip", { seconds: Math.trunc(numberOr(settings.seconds, 0)) });
  },
};

/** @type {import("./shared.js").KeyKind} */
export const party = {
  uuid: `${PLUGIN}.party-mute`,
  look(_, model) {
    const { muted } = model.party;
    const heard = model.talkers.filter((talker) => !talker.muted && !talker.yourself).length;
    const note = muted ? "MUTED" : model.joined ? `${heard} heard` : "no party";
    return { picture: { glyph: "party", lines: ["Party"], crossed: muted, note }, state: Number(muted) };
  },
  press({ model, wanted }) {
    if (!model.talkers.some(({ yourself }) => !yourself)) throw new KeyIdle(["nobody", "is here"]);
    return wanted === undefined ? model.party.toggle() : model.party.set(wanted === 1);
  },
};

/** @type {import("./shared.js").KeyKind} */
export const speaker = {
  uuid: `${PLUGIN}.speaker`,
  levels: true,
  look(_, model) {
    if (model.loudest) return { picture: person("speaker", model.loudest, { lit: false, note: "speaks" }) };
    return { picture: { glyph: "speaker", lines: [model.joined ? "nobody" : "no party"], note: model.joined ? "speaks" : "" } };
  },
  press: () => Promise.resolve(),
};
