// One client of partyline's API, and what Companion is told of it: status, definitions, variables, feedbacks. Only what is different.
import { Loudest, Partyline } from "partyline-api";
import { actionDefinitions } from "./actions.js";
import { facts, feedbackDefinitions, OF_LEVELS } from "./feedbacks.js";
import { presetDefinitions } from "./presets.js";
import { statusOf } from "./status.js";
import { changed, levelValues, variableDefinitions, variableValues } from "./variables.js";
import { View } from "./view.js";

const TOPICS = ["party.state", "peer.state", "peer.speaking", "audio.mixer", "recording", "clip", "problem"];
const LEVELS = "audio.levels";
const OFTEN = /^(audio\.levels|peer\.state)\//; // changes that no variable or feedback waits for, except levels

export class Session {
  #module;
  #client;
  #view;
  #paceMs;
  #levelsAt = -Infinity; // when levels were passed on last
  /** @type {Set<string>} that changed since the last update */
  #topics = new Set();
  #loudest = "";
  #roster = ""; // who can be chosen, as text
  /** @type {import("./variables.js").Values} as Companion has them */
  #values = {};
  /** @type {Record<string, string>} what the feedbacks depended on when they were looked at last */
  #facts = {};
  #closed = false;

  /**
   * @param {import("@companion-module/base").InstanceBase} module
   * @param {import("./config.js").Settings} settings
   */
  constructor(module, { url, key, levels, paceMs }) {
    this.#module = module;
    this.#paceMs = paceMs;
    this.#client = new Partyline({ url, key, topics: levels ? [...TOPICS, LEVELS] : TOPICS });
    this.#view = new View(this.#client, new Loudest());
    this.#client.addEventListener("status", () => this.#onStatus());
    this.#client.addEventListener("change", (event) => this.#topics.add(/** @type {import("partyline-api").ChangeEvent} */ (event).topic));
    this.#client.addEventListener("update", () => this.#onUpdate());
  }

  start() {
    this.#onStatus();
    this.#client.start();
  }

  /** End it. Nothing of it is told any more. */
  close() {
    this.#closed = true;
    this.#client.stop();
  }

  #onStatus() {
    if (this.#closed) return;
    const [status, words] = statusOf(this.#client.status);
    this.#module.updateStatus(status, words);
    this.#tell();
    this.#tellLevels();
  }

  #onUpdate() {
    if (this.#closed) return;
    const topics = [...this.#topics];
    this.#topics.clear();
    const loudest = this.#view.loudest?.peer ?? "";
    if (loudest !== this.#loudest || !topics.length || !topics.every((topic) => OFTEN.test(topic))) this.#tell();
    this.#loudest = loudest;
    if (topics.includes(`${LEVELS}/`) && performance.now() - this.#levelsAt >= this.#paceMs) this.#tellLevels();
  }

  /** Tell what is different, except levels. */
  #tell() {
    const view = this.#view;
    const people = view.people.map(({ accountId, name, talker }) => [accountId, name, talker?.place]);
    const roster = JSON.stringify([people, view.outputs.map(({ name }) => name)]);
    if (roster !== this.#roster) this.#define();
    this.#roster = roster;
    this.#set(variableValues(view));
    const [first, ...others] = Object.keys(changed(facts(view), this.#facts));
    if (first) this.#module.checkFeedbacks(first, ...others);
  }

  #tellLevels() {
    this.#levelsAt = performance.now();
    if (this.#set(levelValues(this.#view))) this.#module.checkFeedbacks(...OF_LEVELS);
  }

  /** Define everything anew, because other people or outputs can be chosen. */
  #define() {
    const view = this.#view;
    this.#module.setActionDefinitions(actionDefinitions(view, this.#client));
    this.#module.setFeedbackDefinitions(feedbackDefinitions(view));
    const variables = variableDefinitions(view);
    this.#module.setVariableDefinitions(variables);
    for (const id of Object.keys(this.#values)) if (!(id in variables)) delete this.#values[id];
    const { structure, presets } = presetDefinitions(view);
    this.#module.setPresetDefinitions(structure, presets);
  }

  /** Set the values that are different. Return whether some were. @param {import("./variables.js").Values} values */
  #set(values) {
    const different = changed(values, this.#values);
    if (!Object.keys(different).length) return false;
    this.#module.setVariableValues(different);
    return true;
  }
}
