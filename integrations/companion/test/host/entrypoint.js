// The child's side of Companion 4.3: register, load the module, answer calls over IPC. The module only sees `InstanceContext` of
// @companion-module/base/host-api, as in Companion. Names and shapes of the packets are those of its lib/Instance/Connection.
import { pathToFileURL } from "node:url";

import { Feedbacks } from "./feedbacks.js";
import { Packets } from "./packets.js";
import { Variables } from "./variables.js";

const packets = new Packets((packet) => process.send(packet));
const tell = (name, payload) => packets.tell(name, payload);
process.on("message", (packet) => packets.take(packet));
global.COMPANION_LOGGER = (source, level, message) => tell("log-message", { time: Date.now(), source, level, message });

const variables = new Variables(tell);
const feedbacks = new Feedbacks(tell);
let actions = {};
let secrets;
let config;

const { connectionId } = await packets.call("register", { verificationToken: process.env.VERIFICATION_TOKEN });
const { default: Module, UpgradeScripts = [] } = await import(pathToFileURL(process.env.MODULE_ENTRYPOINT));

const context = {
  _isInstanceContext: true,
  id: connectionId,
  label: connectionId,
  upgradeScripts: UpgradeScripts,
  saveConfig: (newConfig, newSecrets) => tell("saveConfig", { config: newConfig, secrets: newSecrets }),
  updateStatus: (status, message) => tell("set-status", { status, message }),
  setActionDefinitions: (definitions) => {
    actions = definitions;
    tell("setActionDefinitions", { actions: plain(definitions) });
  },
  setFeedbackDefinitions: (definitions) => {
    feedbacks.define(definitions);
    tell("setFeedbackDefinitions", { feedbacks: plain(definitions) });
  },
  checkFeedbacks: (types) => feedbacks.check((type) => types.includes(type)),
  checkAllFeedbacks: () => feedbacks.check(() => true),
  setPresetDefinitions: (structure, presets) => tell("setPresetDefinitions", { structure, presets }),
  setVariableDefinitions: (definitions) => variables.define(definitions),
  setVariableValues: (values) => variables.set(values),
  getVariableValue: (name) => variables.get(name),
};

const instance = new Module(context);
packets.serve({
  async init({ label, isFirstInit, config: given, secrets: givenSecrets }) {
    context.label = label;
    [config, secrets] = isFirstInit ? defaults() : [given, givenSecrets];
    await instance.init(config, isFirstInit, secrets);
    return { newUpgradeIndex: UpgradeScripts.length - 1, updatedConfig: config, updatedSecrets: secrets };
  },
  destroy: () => instance.destroy(),
  updateConfig({ label, config: given, secrets: givenSecrets }) {
    context.label = label;
    [config, secrets] = [given, givenSecrets];
    return instance.configUpdated(config, secrets);
  },
  getConfigFields: () => ({ fields: instance.getConfigFields() }),
  updateFeedbacks: ({ feedbacks: changed }) => feedbacks.place(changed),
  async executeAction({ action, surfaceId }) {
    const definition = actions[action.actionId];
    if (!definition) return { success: false, errorMessage: `Action definition not found for: ${action.actionId}` };
    try {
      await definition.callback({ ...action, surfaceId }, { type: "action" });
      return { success: true };
    } catch (error) {
      return { success: false, errorMessage: error?.message ?? String(error) };
    }
  },
  async learnAction({ action }) {
    return { options: await actions[action.actionId]?.learn?.(action, { type: "action" }) };
  },
});
tell("loaded", {}); // not Companion's: there `init` waits until the parent has seen the registration

function defaults() {
  const made = [{}, {}];
  for (const field of instance.getConfigFields()) if ("default" in field) made[Number(field.type.startsWith("secret"))][field.id] = field.default;
  tell("saveConfig", { config: made[0], secrets: made[1] });
  return made;
}

/** Return definitions without their functions, which no process can send to another. */
function plain(definitions) {
  return JSON.parse(JSON.stringify(definitions));
}
