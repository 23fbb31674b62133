// Keys for one person: mute, solo, louder, quieter.
import { decibels, numberOr, person, personOf, PLUGIN } from "./shared.js";

export const STEP_DB = 3; // the step of loudness that is plainly heard

/** @type {import("./shared.js").KeyKind} */
export const mute = {
  uuid: `${PLUGIN}.mute`,
  levels: true,
  look(settings, model) {
    const talker = personOf(settings, model);
    return { picture: person("mic", talker, { crossed: talker.muted }), state: Number(talker.muted) };
  },
  press({ settings, model, wanted }) {
    const { peer } = personOf(settings, model);
    return wanted === undefined ? model.client.toggleMute(peer) : model.client.setMute(peer, wanted === 1);
  },
};

/** @type {import("./shared.js").KeyKind} */
export const solo = {
  uuid: `${PLUGIN}.solo`,
  levels: true,
  look(settings, model) {
    const talker = personOf(settings, model);
    return { picture: person("solo", talker, { lit: talker.solo, crossed: talker.muted }), state: Number(talker.solo) };
  },
  press({ settings, model, wanted }) {
    const { peer } = personOf(settings, model);
    return wanted === undefined ? model.client.toggleSolo(peer) : model.client.setSolo(peer, wanted === 1);
  },
};

/** @param {"up" | "down"} way @returns {import("./shared.js").KeyKind} */
const gain = (way) => ({
  uuid: `${PLUGIN}.gain-${way}`,
  look(settings, model) {
    const talker = personOf(settings, model);
    return { picture: person(way === "up" ? "plus" : "minus", talker, { note: talker.muted ? "MUTED" : decibels(talker.gainDb), level: undefined }) };
  },
  press({ settings, model }) {
    const step = Math.abs(numberOr(settings.step, STEP_DB));
    return model.client.adjustGain(personOf(settings, model).peer, way === "up" ? step : -step);
  },
});

export const gainUp = gain("up");
export const gainDown = gain("down");
