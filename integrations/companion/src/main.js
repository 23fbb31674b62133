// The module: one client of partyline's API for each connection that a user makes in Companion.
import { InstanceBase } from "@companion-module/base";
import { Loudest, Partyline, PartyMute } from "partyline-api";
import { actionDefinitions } from "./actions.js";
import { configFields, settingsOf } from "./config.js";
import { facts, feedbackDefinitions, OF_LEVELS } from "./feedbacks.js";
import { presetDefinitions } from "./presets.js";
import { statusOf } from "./status.js";
import { changed, levelValues, variableDefinitions, variableValues } from "./variables.js";
import { View } from "./view.js";

export { UpgradeScripts } from "./upgrades.js";

const TOPICS = ["party.state", "peer.speaking", "audio.mixer", "recording", "clip", "problem"];
const LEVELS = "audio.levels";

export default class PartylineModule extends InstanceBase {
  #client = null;
  #view = null;
  #everybody = null;
  #paceMs = 0;
  #levelsAt = -Infinity; // when levels were passed on last
  #topics = new Set(); // that changed since the last update
  #loudest = "";
  #roster = null; // who can be chosen, as text
  #values = {}; // of variables, as Companion has them
  #facts = {};

  async init(config, _isFirstInit, secrets) {
    this.#connect(config, secrets);
  }

  async configUpdated(config, secrets) {
    this.#connect(config, secrets);
  }

  async destroy() {
    this.#client?.stop();
  }

  getConfigFields() {
    return configFields();
  }

  /** Begin again with other settings. Nothing of the old connection is told any more. */
  #connect(config, secrets) {
    const before = this.#client;
    this.#client = null;
    before?.stop();
    const { url, key, levels, paceMs } = settingsOf(config, secrets);
    const client = new Partyline({ url, key, topics: levels ? [...TOPICS, LEVELS] : TOPICS });
    const present = (act) => (event) => client === this.#client && act(event);
    client.addEventListener("status", present(() => this.#onStatus()));
    client.addEventListener("change", present(({ topic }) => this.#topics.add(topic)));
    client.addEventListener("update", present(() => this.#onUpdate()));
    this.#client = client;
    this.#view = new View(client, new Loudest());
    this.#everybody = new PartyMute(client);
    this.#paceMs = paceMs;
    this.#roster = null;
    client.start();
    this.#onStatus();
  }

  #onStatus() {
    const [status, words] = statusOf(this.#client.status);
    this.updateStatus(status, words);
    this.#tell();
    this.#tellLevels();
  }

  #onUpdate() {
    const onlyLevels = this.#topics.size === 1 && this.#topics.has(`${LEVELS}/`);
    this.#topics.clear();
    const loudest = this.#view.loudest?.peer ?? "";
    if (!onlyLevels || loudest !== this.#loudest) this.#tell();
    this.#loudest = loudest;
    if (performance.now() - this.#levelsAt >= this.#paceMs) this.#tellLevels();
  }

  /** Tell Companion what is different, except levels. */
  #tell() {
    const view = this.#view;
    const roster = JSON.stringify([view.people.map(({ accountId, name, talker }) => [accountId, name, talker?.place]), view.outputs.map(({ name }) => name)]);
    if (roster !== this.#roster) this.#define(roster);
    this.#set(variableValues(view));
    const types = Object.keys(changed(facts(view), this.#facts));
    if (types.length) this.checkFeedbacks(...types);
  }

  #tellLevels() {
    this.#levelsAt = performance.now();
    if (this.#set(levelValues(this.#view))) this.checkFeedbacks(...OF_LEVELS);
  }

  /** Define everything anew: who can be chosen is another one. */
  #define(roster) {
    this.#roster = roster;
    const view = this.#view;
    this.setActionDefinitions(actionDefinitions({ view, client: this.#client, everybody: this.#everybody }));
    this.setFeedbackDefinitions(feedbackDefinitions(view));
    const variables = variableDefinitions(view);
    this.setVariableDefinitions(variables);
    for (const id of Object.keys(this.#values)) if (!(id in variables)) delete this.#values[id];
    const { structure, presets } = presetDefinitions(view);
    this.setPresetDefinitions(structure, presets);
  }

  /** Set the values that are different. Return whether some were. */
  #set(values) {
    const different = changed(values, this.#values);
    if (!Object.keys(different).length) return false;
    this.setVariableValues(different);
    return true;
  }
}
