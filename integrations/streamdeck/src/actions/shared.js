// What several actions need. No I/O.
import { chosen } from "../member.js";
import { stepsOf } from "../picture.js";

export const PLUGIN = "io.partyline-psn.streamdeck";

/**
 * @typedef {import("partyline-api").Talker} Talker
 * @typedef {import("../picture.js").Picture} Picture
 * @typedef {object} Model what is known of partyline
 * @property {import("partyline-api").Partyline} client
 * @property {import("partyline-api").PartyMute} party
 * @property {Talker[]} talkers
 * @property {boolean} joined
 * @property {any} recording message of topic `recording`, or null
 * @property {any} clip message of topic `clip`, or null
 * @property {Talker | null} loudest
 * @typedef {Record<string, any>} Settings
 * @typedef {{picture: Picture, state?: number}} Look
 * @typedef {{settings: Settings, model: Model, wanted?: number}} Press `wanted`: the state that a multi-action asks for
 * @typedef {object} KeyKind
 * @property {string} uuid
 * @property {boolean} [levels] whether it shows levels, which come ten times a second
 * @property {boolean} [confirms] whether a press that worked is to be said, since the picture does not show it
 * @property {(settings: Settings, model: Model) => Look} look
 * @property {(press: Press) => Promise<any>} press
 */

/** What is on a key that cannot do its work. Its press says so too. */
export class KeyIdle extends Error {
  /** @param {string[]} lines */
  constructor(lines) {
    super(lines.join(" "));
    this.lines = lines;
  }
}

/** @param {string[]} lines @returns {Look} */
export const warning = (lines) => ({ picture: { glyph: "warning", lines }, state: 0 });

/** Return the person of the key. Throws `KeyIdle`. @param {Settings} settings @param {Model} model */
export function personOf(settings, model) {
  const { talker, missing } = chosen(settings, model.talkers, model.joined);
  if (!talker) throw new KeyIdle(missing ?? []);
  return talker;
}

/**
 * Return how a key of one person looks.
 * @param {import("../picture.js").Glyph} glyph
 * @param {Talker} talker
 * @param {Partial<Picture>} [more]
 * @returns {Picture}
 */
export function person(glyph, talker, more = {}) {
  const silent = talker.muted || talker.hushed;
  return {
    glyph,
    name: talker.name,
    note: talker.muted ? "MUTED" : talker.solo ? "SOLO" : talker.hushed ? "not solo" : talker.connected ? "" : "no voice yet",
    waves: talker.speaking && !silent,
    level: stepsOf(silent ? -Infinity : talker.level),
    ...more,
  };
}

/** @param {number} db */
export const decibels = (db) => `${db > 0 ? "+" : db < 0 ? "−" : ""}${Math.abs(Math.round(db * 10) / 10)} dB`;

/** @param {unknown} given @param {number} usual */
export const numberOr = (given, usual) => (given === "" || given === undefined || !Number.isFinite(Number(given)) ? usual : Number(given));
