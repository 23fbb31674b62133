// Ready-made buttons: for each talker who is here, for each place, for the recording and for the mix.
import { BLACK, STYLES, WHITE } from "./colours.js";
import { PLACES } from "./fields.js";

const STEP_DB = 1; // the dashboard's arrow keys have the same step

/**
 * @typedef {import("@companion-module/base").CompanionSimplePresetDefinition} Preset
 * @typedef {import("@companion-module/base").CompanionPresetAction[]} Actions
 * @typedef {import("@companion-module/base").CompanionPresetFeedback} Feedback
 */

/**
 * Return what `setPresetDefinitions` takes. Ids stay the same while a person is here.
 * @param {import("./view.js").View} view
 * @returns {{structure: import("@companion-module/base").CompanionPresetSection[], presets: Record<string, Preset>}}
 */
export function presetDefinitions(view) {
  /** @type {Record<string, Preset>} */
  const presets = {};
  /** @type {import("@companion-module/base").CompanionPresetGroupSimple[]} */
  const groups = view.talkers.map(({ accountId, name }) => {
    const made = prefixed(`account_${accountId}`, ofTalker(accountId, name, name, `account_${accountId}`));
    Object.assign(presets, made);
    return { id: `account_${accountId}`, type: "simple", name, presets: Object.keys(made) };
  });
  for (let place = 1; place <= PLACES; place++) {
    const { mute, solo, gain, meter } = ofTalker(String(place), `Place ${place}`, `$(partyline:talker_${place}_name)`, `talker_${place}`);
    Object.assign(presets, prefixed(`place_${place}`, { mute, solo, gain, meter }));
  }
  Object.assign(presets, recording(), mix());
  const ofPlaces = (/** @type {string} */ kind) => Array.from({ length: PLACES }, (_, index) => `place_${index + 1}_${kind}`);
  /** @param {string} id @param {string} name @param {string[]} ids @returns {import("@companion-module/base").CompanionPresetGroupSimple} */
  const group = (id, name, ids) => ({ id, type: "simple", name, presets: ids });
  return {
    presets,
    structure: [
      { id: "here", name: "Who is here", description: "Buttons for one person, wherever they stand", definitions: groups },
      {
        id: "places",
        name: "Places",
        description: "Buttons for whoever has a place. A place is kept while its holder is in the party.",
        definitions: [
          group("place_mute", "Mute, gain by turning", ofPlaces("mute")),
          group("place_solo", "Solo", ofPlaces("solo")),
          group("place_gain", "Gain by turning, 0 dB by pressing", ofPlaces("gain")),
          group("place_meter", "Level", ofPlaces("meter")),
        ],
      },
      { id: "recording", name: "Recording", definitions: Object.keys(recording()) },
      { id: "mix", name: "Mix", definitions: Object.keys(mix()) },
    ],
  };
}

/** @param {string} prefix @param {Record<string, Preset>} made */
function prefixed(prefix, made) {
  return Object.fromEntries(Object.entries(made).map(([id, preset]) => [`${prefix}_${id}`, preset]));
}

/**
 * Return the buttons for a talker, as actions choose one. `text` stands on them, and `variable` is how their variables begin. The name of
 * a person is plain text, so that it also stands there while they are away.
 * @param {string} talker
 * @param {string} name
 * @param {string} text
 * @param {string} variable
 */
function ofTalker(talker, name, text, variable) {
  const act = (/** @type {string} */ actionId, /** @type {object} */ more) => [{ actionId, options: { talker, ...more } }];
  /** @param {string} feedbackId @param {object} style @param {string} [word] beside the colour, which not everybody sees */
  const look = (feedbackId, style, word) => ({ feedbackId, options: { talker }, style: { ...style, ...(word && { text: `${text}\\n${word}` }) } });
  const speaking = look("speaking", STYLES.speaks);
  const muted = look("muted", STYLES.muted, "MUTED");
  const hushed = look("not_heard", STYLES.silent, "not solo");
  const meter = { feedbackId: "level_meter", options: { talker } };
  const turn = { rotate_left: act("gain_step", { step: -STEP_DB }), rotate_right: act("gain_step", { step: STEP_DB }) };
  const gain = `${text}\\n$(partyline:${variable}_gain) dB`;
  return {
    mute: button(`Mute ${name}`, text, act("mute", { mode: "toggle" }), [speaking, hushed, muted, meter], turn),
    solo: button(`Solo ${name}`, `${text}\\nsolo`, act("solo", { mode: "toggle" }), [look("solo", STYLES.solo, "SOLO")]),
    gain: button(`Gain of ${name}, press for 0 dB`, gain, act("gain_set", { gain: 0 }), [], turn),
    louder: button(`${name} louder`, `${text}\\n+${STEP_DB} dB`, act("gain_step", { step: STEP_DB }), []),
    quieter: button(`${name} quieter`, `${text}\\n−${STEP_DB} dB`, act("gain_step", { step: -STEP_DB }), []),
    meter: button(`Level of ${name}`, text, [], [hushed, meter]),
  };
}

function recording() {
  const runs = { feedbackId: "recording", options: {}, style: STYLES.records };
  const ready = { feedbackId: "clip_ready", options: {}, style: STYLES.ready };
  return {
    record: button("Record", "REC\\n$(partyline:recording_time)", [{ actionId: "record", options: { mode: "toggle", name: "" } }], [runs]),
    mark: button("Mark", "Mark\\n$(partyline:recording_marks)", [{ actionId: "mark", options: { text: "" } }], [runs]),
    clip: button("Save a clip", "Clip\\n$(partyline:clip_seconds) s", [{ actionId: "clip", options: { seconds: 0 } }], [ready]),
  };
}

function mix() {
  const step = (/** @type {number} */ step) => [{ actionId: "master_gain_step", options: { step } }];
  const connected = { feedbackId: "connected", options: {}, style: STYLES.ready };
  const wrong = { feedbackId: "problem_open", options: { severity: "error" }, style: { ...STYLES.records, text: "something\\nis wrong" } };
  const everybody = { feedbackId: "everybody_muted", options: {}, style: { ...STYLES.muted, text: "all\\nMUTED" } };
  const silent = { feedbackId: "output_muted", options: { output: "main" }, style: { ...STYLES.muted, text: "output\\nMUTED" } };
  return {
    mix_louder: button("Mix louder", `Mix\\n+${STEP_DB} dB`, step(STEP_DB), []),
    mix_quieter: button("Mix quieter", `Mix\\n−${STEP_DB} dB`, step(-STEP_DB), []),
    mix_gain: button("Gain of the mix", "Mix\\n$(partyline:master_gain) dB", [{ actionId: "master_gain_set", options: { gain: 0 } }], [], {
      rotate_left: step(-STEP_DB),
      rotate_right: step(STEP_DB),
    }),
    mix_everybody: button("Mute everybody", "Mute\\nall", [{ actionId: "mute_everybody", options: { mode: "toggle" } }], [everybody]),
    mix_output: button("Mute the main output", "Mute\\noutput", [{ actionId: "output_mute", options: { output: "main", mode: "toggle" } }], [silent]),
    mix_solo: button("End every solo", "End\\nsolo", [{ actionId: "solo_clear", options: {} }], []),
    mix_loudest: button("Mute the loudest", "$(partyline:loudest)\\nmute", [{ actionId: "mute", options: { talker: "loudest", mode: "on" } }], []),
    mix_party: button("Party", "$(partyline:party_name)\\n$(partyline:party_count)", [], [connected, wrong]),
  };
}

/**
 * @param {string} name
 * @param {string} text
 * @param {Actions} down
 * @param {Feedback[]} feedbacks
 * @param {{rotate_left?: Actions, rotate_right?: Actions}} [turn]
 * @returns {Preset}
 */
function button(name, text, down, feedbacks, turn = {}) {
  return {
    type: "simple",
    name,
    style: { text, size: "auto", color: WHITE, bgcolor: BLACK },
    steps: [{ down, up: [], ...turn }],
    feedbacks,
  };
}
