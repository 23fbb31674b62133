// The dial of a Stream Deck +: turned it is gain, pressed or tapped it mutes, a long touch is 0 dB.
import { svg } from "../picture.js";
import { decibels, numberOr, person, personOf, PLUGIN } from "./shared.js";

const TICK_DB = 1;
const SILENT_DB = -60; // lower end of the level's bar

export const dial = {
  uuid: `${PLUGIN}.gain-dial`,
  levels: true,
  layout: "layouts/gain.json",
  /**
   * Return what stands on the touch strip.
   * @param {import("./shared.js").Settings} settings
   * @param {import("./shared.js").Model} model
   */
  look(settings, model) {
    const talker = personOf(settings, model);
    const picture = person("mic", talker, { crossed: talker.muted, name: undefined, note: "", level: undefined });
    const silent = talker.muted || talker.hushed;
    return {
      title: talker.name,
      icon: iconOf(picture),
      value: talker.muted ? "MUTED" : decibels(talker.gainDb),
      gain: { value: Math.round(talker.gainDb), opacity: talker.muted ? 0.4 : 1 },
      level: { value: Math.round(Math.max(SILENT_DB, silent ? SILENT_DB : talker.level) / 3) * 3 },
    };
  },
  /** @param {string[]} lines */
  warning: (lines) => ({
    title: "partyline",
    icon: iconOf({ glyph: "warning" }),
    value: lines.join(" "),
    gain: { value: SILENT_DB, opacity: 0.4 },
    level: { value: SILENT_DB },
  }),
  /** @param {import("./shared.js").Press & {ticks: number}} turn */
  rotate({ settings, model, ticks }) {
    return model.client.adjustGain(personOf(settings, model).peer, ticks * Math.abs(numberOr(settings.step, TICK_DB)));
  },
  /** @param {import("./shared.js").Press} press */
  press: ({ settings, model }) => model.client.toggleMute(personOf(settings, model).peer),
  /** @param {import("./shared.js").Press} touch */
  reset: ({ settings, model }) => model.client.setGain(personOf(settings, model).peer, 0),
};

/** @param {import("../picture.js").Picture} picture */
const iconOf = (picture) => `data:image/svg+xml;base64,${Buffer.from(svg(picture).replace('viewBox="0 0 144 144"', 'viewBox="30 0 84 84"')).toString("base64")}`;
