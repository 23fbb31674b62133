// Companion's side of one connection: starts a built module as Companion 4.3 does, and keeps what it says.
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Packets } from "./packets.js";

const ENTRYPOINT = fileURLToPath(new URL("entrypoint.js", import.meta.url));
const HOST_FOLDER = fileURLToPath(new URL(".", import.meta.url));
const MANIFEST = "companion/manifest.json";
const LIMIT_MS = 20_000;
const BUTTON = { width: 72, height: 58 }; // what Companion says of a button with a top bar

export class Host {
  status = null;
  actions = {};
  feedbacks = {};
  presets = {};
  structure = [];
  variables = new Map();
  described = new Map();
  shown = new Map();
  saved = [];
  log = [];
  /** Called with each packet of the module. */
  onPacket = () => {};
  #child;
  #packets;
  #watchers = new Set();

  /**
   * Start the module in `folder` for a connection, and return its host. A built module may read nothing but its own folder, as in
   * Companion. One that is not built needs its packages in `also` too. Without `config` it is a new connection.
   */
  static async start(folder, { config, secrets, also = [] } = {}) {
    const host = new Host();
    await host.#start(folder, [folder, HOST_FOLDER, ...also]);
    await host.#packets.call("init", { label: "partyline", isFirstInit: config === undefined, config, secrets, lastUpgradeIndex: -1 });
    return host;
  }

  async #start(folder, readable) {
    const verificationToken = randomUUID();
    const { entrypoint } = JSON.parse(readFileSync(resolve(folder, MANIFEST), "utf8")).runtime;
    const permission = Number(process.versions.node.split(".")[0]) < 22 ? "--experimental-permission" : "--permission";
    this.#child = fork(ENTRYPOINT, {
      cwd: folder,
      execArgv: [permission, ...readable.map((path) => `--allow-fs-read=${path}`), "--enable-source-maps", "--no-warnings"],
      env: {
        PATH: process.env.PATH,
        VERIFICATION_TOKEN: verificationToken,
        MODULE_MANIFEST: MANIFEST,
        MODULE_ENTRYPOINT: resolve(folder, "companion", entrypoint),
      },
      stdio: ["pipe", "pipe", "pipe", "ipc"],
    });
    this.#child.stdout.on("data", (words) => this.log.push(String(words)));
    this.#child.stderr.on("data", (words) => this.log.push(String(words)));
    this.#packets = new Packets((packet) => this.#child.connected && this.#child.send(packet));
    this.#child.on("exit", (code) => this.#packets.close(`The module's process ended with ${code}. ${this.log.join("")}`));
    this.#child.on("message", (packet) => {
      this.#packets.take(packet);
      for (const look of this.#watchers) look();
      this.onPacket(packet);
    });
    const loaded = new Promise((resolve) => this.#packets.serve(this.#handlers(verificationToken, resolve)));
    await Promise.race([
      loaded,
      once(this.#child, "exit").then(() => Promise.reject(new Error(`The module does not load. ${this.log.join("")}`))),
    ]);
  }

  #handlers(token, loaded) {
    return {
      register: ({ verificationToken }) => {
        if (verificationToken !== token) throw new Error("Bad token");
        return { connectionId: "connection-1" };
      },
      loaded,
      "log-message": ({ level, message }) => this.log.push(`${level}: ${message}`),
      "set-status": (status) => (this.status = status),
      setActionDefinitions: ({ actions }) => (this.actions = actions),
      setFeedbackDefinitions: ({ feedbacks }) => (this.feedbacks = feedbacks),
      setPresetDefinitions: ({ structure, presets }) => Object.assign(this, { structure, presets }),
      setVariableDefinitions: ({ variables, newValues }) => {
        this.described = new Map(variables.map(({ name, description }) => [name, description]));
        this.#keep(newValues);
      },
      setVariableValues: ({ newValues }) => this.#keep(newValues),
      updateFeedbackValues: ({ values }) => values.forEach(({ id, value }) => this.shown.set(id, value)),
      saveConfig: (saved) => this.saved.push(saved),
    };
  }

  #keep(newValues) {
    for (const { id, value } of newValues) {
      if (value === undefined) this.variables.delete(id);
      else this.variables.set(id, value);
    }
  }

  /** Run an action, as a pressed button does. Throws what the module says if it fails. */
  async press(actionId, options = {}) {
    const action = { id: randomUUID(), controlId: "bank:1", actionId, options };
    const { success, errorMessage } = await this.#packets.call("executeAction", { action, surfaceId: "surface-1" });
    if (!success) throw new Error(errorMessage);
  }

  /** Put a feedback on a button. Its value appears in `shown` under `id`. */
  place(id, feedbackId, options = {}) {
    const feedback = { id, controlId: "bank:1", feedbackId, options, image: BUTTON, isInverted: false };
    return this.#packets.call("updateFeedbacks", { feedbacks: { [id]: feedback } });
  }

  learn(actionId, options) {
    return this.#packets.call("learnAction", { action: { id: "a", controlId: "bank:1", actionId, options } });
  }

  configure(config, secrets) {
    return this.#packets.call("updateConfig", { label: "partyline", config, secrets });
  }

  async fields() {
    return (await this.#packets.call("getConfigFields", {})).fields;
  }

  /** Wait until `look(host)` is true after a packet. */
  until(look, what) {
    if (look(this)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(new Error(`Not seen: ${what}. ${this.#words()}`))), LIMIT_MS);
      const watch = () => look(this) && finish(resolve);
      const finish = (done) => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
        done();
      };
      this.#watchers.add(watch);
    });
  }

  #words() {
    return `Status: ${JSON.stringify(this.status)}. Log: ${this.log.slice(-10).join("\n")}`;
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    await this.#packets.call("destroy", {});
    this.#child.kill();
    await ended;
  }
}
