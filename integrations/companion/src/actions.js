// What a button does. Each action ends when partyline has done it, and throws its words if it did not.
import { GAIN_DB } from "partyline-api";
import { modeField, outputField, switched, talkerField } from "./fields.js";
import { wordsOf } from "./status.js";

const MOST_CLIP_S = 300; // the schema's range of SaveClip.seconds (a test)

const RECORD_MODES = [
  { id: "toggle", label: "Start or stop" },
  { id: "on", label: "Start" },
  { id: "off", label: "Stop" },
];

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("partyline-api").Partyline} Partyline
 * @typedef {import("@companion-module/base").CompanionActionEvent<any>} ActionEvent
 * @typedef {Record<string, import("@companion-module/base").CompanionActionDefinition<any>>} Definitions
 */

/**
 * Return the definitions.
 * @param {View} view of `client`
 * @param {Partyline} client
 */
export function actionDefinitions(view, client) {
  /** @type {Definitions} */
  const definitions = { ...ofTalker(view, client), ...ofMix(view, client), ...ofRecording(view, client) };
  for (const definition of Object.values(definitions)) definition.callback = readable(definition.callback);
  return definitions;
}

/**
 * Return a callback whose errors say what to do as well: Companion's log has nothing but their message.
 * @param {(action: ActionEvent, context: any) => void | Promise<void>} callback
 */
function readable(callback) {
  return async (/** @type {ActionEvent} */ action, /** @type {any} */ context) => {
    try {
      await callback(action, context);
    } catch (error) {
      throw new Error(wordsOf(/** @type {Error} */ (error)), { cause: error });
    }
  };
}

/** @param {View} view @param {Partyline} client @returns {Definitions} */
function ofTalker(view, client) {
  const talker = talkerField(view.people);
  const peer = (/** @type {ActionEvent} */ { options }) => view.talker(options.talker).peer;
  return {
    mute: {
      name: "Mute a talker",
      description: "Whether a talker is heard in the mix. They are recorded all the same.",
      options: [talker, modeField("Muted")],
      callback: (action) => {
        const { mode } = action.options;
        return mode === "toggle" ? client.toggleMute(peer(action)) : client.setMute(peer(action), mode === "on");
      },
    },
    solo: {
      name: "Solo a talker",
      description: "While anybody is solo, only those who are solo are heard.",
      options: [talker, modeField("Solo")],
      callback: (action) => {
        const { mode } = action.options;
        return mode === "toggle" ? client.toggleSolo(peer(action)) : client.setSolo(peer(action), mode === "on");
      },
    },
    gain_set: {
      name: "Set the gain of a talker",
      options: [talker, gainField()],
      callback: (action) => client.setGain(peer(action), Number(action.options.gain)),
      learn: ({ options }) => ({ gain: view.talker(options.talker).gainDb }),
    },
    gain_step: {
      name: "Change the gain of a talker",
      description: "Louder or quieter by a step, as for a knob.",
      options: [talker, stepField()],
      callback: (action) => client.adjustGain(peer(action), Number(action.options.step)),
    },
    own_member: {
      name: "Say which member is you",
      description: "That member is muted in the mix, because your microphone is in the stream already.",
      options: [{ ...talker, choices: [{ id: "", label: "Nobody" }, ...talker.choices] }],
      callback: ({ options }) => {
        const account = options.talker === "" ? "" : view.talker(options.talker).accountId;
        return client.request("SetOwnMember", { account_id: account });
      },
    },
  };
}

/** @param {View} view @param {Partyline} client @returns {Definitions} */
function ofMix(view, client) {
  return {
    mute_everybody: {
      name: "Mute everybody",
      description: "Off lets those be heard again who were muted by it. Who was muted before stays so.",
      options: [modeField("Muted")],
      callback: ({ options }) => view.everybody.set(switched(options.mode, view.everybody.muted)),
    },
    solo_clear: {
      name: "End every solo",
      options: [],
      callback: async () => {
        await Promise.all(view.talkers.filter(({ solo }) => solo).map(({ peer }) => client.setSolo(peer, false)));
      },
    },
    master_gain_set: {
      name: "Set the gain of the whole mix",
      options: [gainField()],
      callback: ({ options }) => client.setMasterGain(Number(options.gain)),
      learn: () => ({ gain: view.masterGainDb }),
    },
    master_gain_step: {
      name: "Change the gain of the whole mix",
      options: [stepField()],
      callback: ({ options }) => client.adjustMasterGain(Number(options.step)),
    },
    output_mute: {
      name: "Mute an output",
      description: "A sound device that plays the mix. `main` is the one that every partyline has. Pages in OBS play on.",
      options: [outputField(view.outputs), modeField("Muted")],
      callback: ({ options: { output, mode } }) => client.request("SetOutput", { name: output, muted: switched(mode, view.isMuted(output)) }),
    },
  };
}

/** @param {View} view @param {Partyline} client @returns {Definitions} */
function ofRecording(view, client) {
  return {
    record: {
      name: "Record",
      description: "A file for each person and one for the mix. Tell people that you record them.",
      options: [
        { type: "dropdown", id: "mode", label: "What to do", choices: RECORD_MODES, default: "toggle" },
        { type: "textinput", id: "name", label: "Name of a new recording", default: "", useVariables: true },
      ],
      callback: ({ options }) => {
        const { running } = view.recording;
        const wanted = switched(options.mode, running);
        if (wanted === running) return undefined;
        return wanted ? client.request("StartRecording", { name: String(options.name ?? "") }) : client.request("StopRecording");
      },
    },
    mark: {
      name: "Mark this moment in the recording",
      options: [{ type: "textinput", id: "text", label: "Text, or nothing for a number", default: "", useVariables: true }],
      callback: ({ options }) => client.request("MarkRecording", { text: String(options.text ?? "") }),
    },
    clip: {
      name: "Save a clip of the last seconds",
      description: "Works while partyline keeps the last seconds in memory.",
      options: [
        { type: "number", id: "seconds", label: "Seconds, 0 for all that is kept", min: 0, max: MOST_CLIP_S, default: 0, asInteger: true },
      ],
      callback: ({ options }) => client.request("SaveClip", { seconds: Math.round(Number(options.seconds)) }),
    },
  };
}

/** @returns {import("@companion-module/base").CompanionInputFieldNumber} */
function gainField() {
  return { type: "number", id: "gain", label: "Gain in dB", min: GAIN_DB.least, max: GAIN_DB.most, step: 0.5, default: 0, clampValues: true };
}

/** @returns {import("@companion-module/base").CompanionInputFieldNumber} */
function stepField() {
  return { type: "number", id: "step", label: "Step in dB, below 0 for quieter", min: -20, max: 20, step: 0.5, default: 1 };
}
