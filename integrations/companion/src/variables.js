// What can stand in the text of a button: `$(partyline:talker_1_name)`.
import { clock, SILENCE_DB } from "partyline-api";
import { PLACES } from "./fields.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {Record<string, string | number | boolean>} Values */

/** @type {Record<string, [name: string, value: (view: View) => string | number | boolean]>} */
const GENERAL = {
  connected: ["Whether partyline is connected", (view) => view.connected],
  party_name: ["Name of the party", (view) => view.party.name],
  party_count: ["How many others are in the party", (view) => view.talkers.length],
  loudest: ["Name of the loudest speaker", (view) => view.loudest?.name ?? ""],
  master_gain: ["Gain of the mix in dB", (view) => view.masterGainDb],
  recording: ["Whether a recording runs", (view) => view.recording.running],
  recording_time: ["Length of the recording", (view) => clock(view.recording.seconds)],
  recording_marks: ["Marks in the recording", (view) => view.recording.marks],
  clip_seconds: ["Seconds of which a clip can be saved", (view) => view.clip.seconds],
  problem: ["What is wrong, in words", (view) => view.problems("warning")[0]?.message ?? ""],
};
/** @type {Record<string, [name: string, value: (talker: import("./view.js").ViewTalker) => string | number | boolean]>} */
const OF_TALKER = {
  name: ["name", ({ name }) => name],
  account: ["account id", ({ accountId }) => accountId],
  gain: ["gain in dB", ({ gainDb }) => Math.round(gainDb * 10) / 10],
  muted: ["muted by the user", ({ muted }) => muted],
  solo: ["solo", ({ solo }) => solo],
  heard: ["heard in the mix", ({ heard }) => heard],
  speaking: ["speaks", ({ speaking }) => speaking],
};

/** Return the definitions: those of everything, of each place, and of each account that was seen. @param {View} view */
export function variableDefinitions(view) {
  /** @type {import("@companion-module/base").CompanionVariableDefinitions} */
  const defined = { mix_level: { name: "Level of the mix in dBFS" } };
  for (const [id, [name]] of Object.entries(GENERAL)) defined[id] = { name };
  for (const { prefix, who } of holders(view)) {
    for (const [id, [name]] of Object.entries(OF_TALKER)) defined[`${prefix}_${id}`] = { name: `${who}: ${name}` };
    defined[`${prefix}_level`] = { name: `${who}: level in dBFS` };
  }
  return defined;
}

/** Return the value of each variable except the levels. @param {View} view */
export function variableValues(view) {
  /** @type {Values} */
  const values = {};
  for (const [id, [, value]] of Object.entries(GENERAL)) values[id] = value(view);
  for (const { prefix, talker } of holders(view)) {
    for (const [id, [, value]] of Object.entries(OF_TALKER)) values[`${prefix}_${id}`] = talker ? value(talker) : "";
  }
  return values;
}

/** Return the levels in whole dB, since a tenth more or less would be a change ten times a second. @param {View} view */
export function levelValues(view) {
  /** @type {Values} */
  const values = { mix_level: whole(view.mixLevel) };
  for (const { prefix, talker } of holders(view)) values[`${prefix}_level`] = talker ? whole(talker.level) : "";
  return values;
}

/**
 * Return the part of `values` that is new or different in `known`, and put it there.
 * @param {Values} values
 * @param {Values} known
 */
export function changed(values, known) {
  const different = Object.entries(values).filter(([id, value]) => known[id] !== value);
  for (const [id, value] of different) known[id] = value;
  return Object.fromEntries(different);
}

/**
 * Return whose variables there are: how their names begin, who that is in words, and the talker or null.
 * @param {View} view
 */
function holders(view) {
  const byPlace = new Map(view.talkers.map((talker) => [talker.place, talker]));
  const places = Array.from({ length: PLACES }, (_, index) => index + 1);
  return [
    ...places.map((place) => ({ prefix: `talker_${place}`, who: `Place ${place}`, talker: byPlace.get(place) ?? null })),
    ...view.people.map(({ accountId, name, talker }) => ({ prefix: `account_${accountId}`, who: name, talker })),
  ];
}

const whole = (/** @type {number} */ level) => (level > SILENCE_DB ? Math.round(level) : "");
