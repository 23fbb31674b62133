// What a button shows: a yes or no with a style that its user chooses, and two that draw a level.
import { SILENCE_DB } from "partyline-api";
import { STYLES } from "./colours.js";
import { outputField, talkerField } from "./fields.js";
import { levelStyle, meterStyle } from "./meter.js";

/**
 * @typedef {import("./view.js").View} View
 * @typedef {{bgcolor: number, color: number}} Style
 * @typedef {(talker: import("./view.js").ViewTalker, loudest: string) => boolean} OfTalker `loudest` is a peer key, "" for nobody
 */

/**
 * Of a talker: id → name, description, style, and whether it is so.
 * @type {Record<string, [string, string, Style, OfTalker]>}
 */
const OF_TALKER = {
  muted: ["Talker is muted", "By the user, in the mix", STYLES.muted, ({ muted }) => muted],
  solo: ["Talker is solo", "Only those who are solo are heard", STYLES.solo, ({ solo }) => solo],
  not_heard: ["Talker is not heard", "Muted, or somebody else is solo", STYLES.silent, ({ heard }) => !heard],
  speaking: ["Talker speaks", "Also while they are not heard", STYLES.speaks, ({ speaking }) => speaking],
  in_party: ["Talker is in the party", "", STYLES.ready, () => true],
  own_member: ["Talker is you", "The member that was chosen as yourself", STYLES.ready, ({ yourself }) => yourself],
  loudest: ["Talker is the loudest", "Of those who are heard", STYLES.speaks, ({ peer }, loudest) => peer === loudest],
};

/**
 * Of everything: id → name, description, style, and whether it is so.
 * @type {Record<string, [string, string, Style, (view: View) => boolean]>}
 */
const OF_ALL = {
  everybody_muted: ["Everybody is muted", "You do not count", STYLES.muted, (view) => view.everybody.muted],
  recording: ["A recording runs", "", STYLES.records, (view) => view.recording.running],
  clip_ready: ["A clip can be saved", "The last seconds are in memory", STYLES.ready, (view) => view.clip.ready],
  connected: ["Connected with partyline", "", STYLES.ready, (view) => view.connected],
  party_joined: ["In a party", "", STYLES.ready, (view) => view.party.joined],
};

/** @type {[string, ...string[]]} */
export const OF_LEVELS = ["level_meter", "level_colour"];

const SEVERITIES = [
  { id: "error", label: "Errors" },
  { id: "warning", label: "Errors and warnings" },
];

/** Return the definitions. @param {View} view @returns {import("@companion-module/base").CompanionFeedbackDefinitions} */
export function feedbackDefinitions(view) {
  const talker = talkerField(view.people);
  const loudest = () => view.loudest?.peer ?? "";
  /** @type {import("@companion-module/base").CompanionFeedbackDefinitions} */
  const definitions = {};
  for (const [id, [name, description, defaultStyle, yes]] of Object.entries(OF_TALKER)) {
    const callback = (/** @type {{options: any}} */ { options }) => {
      const found = view.find(options.talker);
      return found !== null && yes(found, loudest());
    };
    definitions[id] = { type: "boolean", name, description, options: [talker], defaultStyle, callback };
  }
  for (const [id, [name, description, defaultStyle, yes]] of Object.entries(OF_ALL)) {
    definitions[id] = { type: "boolean", name, description, options: [], defaultStyle, callback: () => yes(view) };
  }
  return {
    ...definitions,
    output_muted: {
      type: "boolean",
      name: "An output is muted",
      options: [outputField(view.outputs)],
      defaultStyle: STYLES.muted,
      callback: ({ options }) => view.outputs.some(({ name, muted }) => name === options.output && muted),
    },
    problem_open: {
      type: "boolean",
      name: "Something is wrong",
      description: "partyline has an open problem. The variable `problem` says which.",
      options: [{ type: "dropdown", id: "severity", label: "Which", choices: SEVERITIES, default: "error" }],
      defaultStyle: STYLES.records,
      callback: ({ options }) => view.problems(options.severity).length > 0,
    },
    level_meter: {
      type: "advanced",
      name: "Level meter",
      description: "A bar at the right edge. It is grey for who is not heard.",
      options: [talker],
      callback: ({ options, image }) => {
        const { level, heard } = view.find(options.talker) ?? { level: SILENCE_DB, heard: false };
        return meterStyle(level, heard, image);
      },
    },
    level_colour: {
      type: "advanced",
      name: "Colour by level",
      description: "Green, yellow from -18 dBFS, red from -9 dBFS",
      options: [talker],
      callback: ({ options }) => levelStyle(view.find(options.talker)?.level ?? SILENCE_DB),
    },
  };
}

/**
 * Return what each feedback depends on, as text: id → text. A feedback whose text is another one has to be looked at again. Those of
 * levels depend on levels too, which are not in here.
 * @param {View} view
 */
export function facts(view) {
  const { talkers } = view;
  const loudest = view.loudest?.peer ?? "";
  const ofTalkers = (/** @type {OfTalker} */ yes) => talkers.map((one) => `${one.place} ${one.peer} ${one.name} ${yes(one, loudest)}`).join();
  /** @type {Record<string, string>} */
  const found = {};
  for (const [id, [, , , yes]] of Object.entries(OF_TALKER)) found[id] = ofTalkers(yes);
  for (const [id, [, , , yes]] of Object.entries(OF_ALL)) found[id] = String(yes(view));
  found.output_muted = view.outputs.map(({ name, muted }) => `${name} ${muted}`).join();
  found.problem_open = `${view.problems("error").length} ${view.problems("warning").length}`;
  for (const id of OF_LEVELS) found[id] = found.not_heard;
  return found;
}
