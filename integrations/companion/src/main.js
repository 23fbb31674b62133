// The module. Companion makes one for each connection that a user sets up.
import { InstanceBase } from "@companion-module/base";
import { configFields, settingsOf } from "./config.js";
import { Session } from "./session.js";

export { UpgradeScripts } from "./upgrades.js";

export default class PartylineModule extends InstanceBase {
  /** @type {Session | null} */
  #session = null;

  /** @param {unknown} config @param {boolean} _isFirstInit @param {unknown} secrets */
  async init(config, _isFirstInit, secrets) {
    await this.configUpdated(config, secrets);
  }

  /** Begin again with other settings. @param {unknown} config @param {unknown} secrets */
  async configUpdated(config, secrets) {
    this.#session?.close();
    this.#session = new Session(this, settingsOf(config, secrets));
    this.#session.start();
  }

  async destroy() {
    this.#session?.close();
  }

  getConfigFields() {
    return configFields();
  }
}
