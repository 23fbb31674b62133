// Actions, feedbacks, variables and presets as pure functions of the state.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { Loudest, PartylineError } from "partyline-api";
import { actionDefinitions } from "../src/actions.js";
import { facts, feedbackDefinitions, OF_LEVELS } from "../src/feedbacks.js";
import { presetDefinitions } from "../src/presets.js";
import { changed, levelValues, variableDefinitions, variableValues } from "../src/variables.js";
import { View } from "../src/view.js";
import { BO, CY, FakeClient, peerOf } from "./stage.js";

let client;
let view;
let actions;
let feedbacks;

beforeEach(() => {
  client = new FakeClient();
  view = new View(client, new Loudest());
  actions = actionDefinitions(view, client);
  feedbacks = feedbackDefinitions(view);
});

const press = (id, options = {}) => actions[id].callback({ options });
const shows = (id, options = {}) => feedbacks[id].callback({ options, image: { width: 72, height: 58 } });

/** Return the options of a definition as Companion gives them for a new button. */
const fresh = ({ options }) => Object.fromEntries(options.map(({ id, default: value }) => [id, value]));

test("each action asks for what it says", async () => {
  const bo = peerOf(BO);
  const cases = [
    ["mute", { talker: "1", mode: "toggle" }, ["toggleMute", bo]],
    ["mute", { talker: "Bo-Streams", mode: "on" }, ["setMute", bo, true]],
    ["mute", { talker: BO.account_id, mode: "off" }, ["setMute", bo, false]],
    ["solo", { talker: "1", mode: "toggle" }, ["toggleSolo", bo]],
    ["solo", { talker: "1", mode: "on" }, ["setSolo", bo, true]],
    ["gain_set", { talker: "1", gain: "-6" }, ["setGain", bo, -6]],
    ["gain_step", { talker: "1", step: 2 }, ["adjustGain", bo, 2]],
    ["own_member", { talker: "1" }, ["request", "SetOwnMember", { account_id: BO.account_id }]],
    ["own_member", { talker: "" }, ["request", "SetOwnMember", { account_id: "" }]],
    ["master_gain_set", { gain: 3 }, ["setMasterGain", 3]],
    ["master_gain_step", { step: -1 }, ["adjustMasterGain", -1]],
    ["output_mute", { output: "main", mode: "toggle" }, ["request", "SetOutput", { name: "main", muted: true }]],
    ["record", { mode: "toggle", name: "raid" }, ["request", "StartRecording", { name: "raid" }]],
    ["mark", { text: "great" }, ["request", "MarkRecording", { text: "great" }]],
    ["clip", { seconds: 30 }, ["request", "SaveClip", { seconds: 30 }]],
  ];
  for (const [id, options, asked] of cases) {
    client.asked = [];
    await press(id, options);
    assert.deepEqual(client.asked, [asked[0] === "request" ? asked.slice(1) : asked], id);
  }
});

test("every action asks for something or does nothing on purpose, with the options of a new button", async () => {
  for (const [id, definition] of Object.entries(actions)) {
    client.asked = [];
    await press(id, fresh(definition));
    assert.equal(client.asked.length > 0, id !== "solo_clear", id);
  }
});

test("a recording that runs is not started again, and one that does not is not stopped", async () => {
  await press("record", { mode: "off", name: "" });
  client.topics.set("recording/", { state: "recording", seconds: 1, marks: 0 });
  await press("record", { mode: "on", name: "" });
  assert.deepEqual(client.asked, []);
  await press("record", { mode: "toggle", name: "" });
  assert.deepEqual(client.asked, [["StopRecording", {}]]);
});

test("everybody is muted, and only those are heard again who were muted by it", async () => {
  client.mix({ [peerOf(BO)]: { muted: true } });
  await press("mute_everybody", { mode: "on" });
  assert.deepEqual(client.asked, [["setMute", peerOf(CY), true]]);
  client.asked = [];
  client.mix({ [peerOf(BO)]: { muted: true }, [peerOf(CY)]: { muted: true } });
  await press("mute_everybody", { mode: "toggle" });
  assert.deepEqual(client.asked, [["setMute", peerOf(CY), false]]);
});

test("every solo ends", async () => {
  client.mix({ [peerOf(CY)]: { solo: true } });
  await press("solo_clear");
  assert.deepEqual(client.asked, [["setSolo", peerOf(CY), false]]);
});

test("what partyline refuses is said with its remedy", async () => {
  client.refusal = new PartylineError("recorder.idle", "Nothing is recorded.", "Start a recording first.");
  await assert.rejects(press("mark", { text: "" }), { message: "Nothing is recorded. Start a recording first." });
  await assert.rejects(press("mute", { talker: "Dora", mode: "on" }), { message: "Dora is not in the party." });
});

test("the gain is learnt from the state", () => {
  client.mix({ [peerOf(BO)]: { gain_db: -4.5 } });
  assert.deepEqual(actions.gain_set.learn({ options: { talker: "1" } }), { gain: -4.5 });
});

test("limits are those of the API", () => {
  const schema = JSON.parse(readFileSync(new URL("../../../notes/api/openapi.json", import.meta.url))).components.schemas;
  const seconds = actions.clip.options[0];
  assert.deepEqual([seconds.min, seconds.max], [schema.SaveClip.properties.seconds.minimum, schema.SaveClip.properties.seconds.maximum]);
});

test("each feedback is true when it should be, and false before", () => {
  const bo = peerOf(BO);
  const cases = [
    ["muted", () => client.mix({ [bo]: { muted: true } })],
    ["solo", () => client.mix({ [bo]: { solo: true } })],
    ["not_heard", () => client.mix({ [bo]: { hushed: true } })],
    ["speaking", () => client.speak(BO)],
    ["loudest", () => client.speak(BO)],
    ["own_member", () => client.mix({}, [BO, CY], { own_account: BO.account_id })],
    ["everybody_muted", () => client.mix({ [bo]: { muted: true }, [peerOf(CY)]: { muted: true } })],
    ["recording", () => client.topics.set("recording/", { state: "recording", seconds: 1, marks: 0 })],
    ["clip_ready", () => client.topics.set("clip/", { seconds: 30, kept_s: 5 })],
    ["output_muted", () => client.mix({}, [BO, CY], { outputs: [{ name: "main", muted: true }] })],
    ["problem_open", () => client.topics.set("problem/a", { severity: "error", at: 1, message: "No." })],
  ];
  for (const [id, happen] of cases) {
    client.topics.clear();
    client.party(BO, CY);
    view = new View(client, new Loudest());
    feedbacks = feedbackDefinitions(view);
    const options = fresh(feedbacks[id]);
    const before = facts(view)[id];
    assert.equal(shows(id, options), false, id);
    happen();
    assert.equal(shows(id, options), true, id);
    assert.notEqual(facts(view)[id], before, `${id} has to be looked at again`);
  }
  assert.deepEqual([shows("in_party", { talker: "Bo-Streams" }), shows("in_party", { talker: "Dora" })], [true, false]);
  assert.deepEqual([shows("connected"), shows("party_joined")], [true, true]);
  client.lose();
  assert.equal(shows("connected"), false);
});

test("every feedback is looked at when what it shows changes", () => {
  assert.deepEqual(Object.keys(facts(view)).sort(), Object.keys(feedbacks).sort());
  const before = facts(view);
  assert.deepEqual(changed(facts(view), { ...before }), {});
  client.party(CY);
  assert.ok(OF_LEVELS.every((id) => facts(view)[id] !== before[id]), "another one has the place");
});

test("a button for somebody who is away shows nothing", () => {
  for (const [id, { options }] of Object.entries(feedbacks)) {
    if (!options.some((field) => field.id === "talker")) continue;
    const shown = shows(id, { talker: "Dora" });
    assert.ok(shown === false || !shown.bgcolor, id);
  }
});

test("variables are those of the definitions, whoever is here", () => {
  for (const members of [[], [BO], [BO, CY]]) {
    client.party(...members);
    const values = { ...variableValues(view), ...levelValues(view) };
    assert.deepEqual(Object.keys(values).sort(), Object.keys(variableDefinitions(view)).sort());
  }
});

test("a place and an account have the same values", () => {
  client.mix({ [peerOf(CY)]: { gain_db: 2.04, muted: true } });
  client.levels({ [peerOf(CY)]: -17.6 }, -9.4);
  client.topics.set("recording/", { state: "recording", seconds: 3725.9, marks: 4 });
  const values = { ...variableValues(view), ...levelValues(view) };
  for (const prefix of ["talker_2", `account_${CY.account_id}`]) {
    const of = (id) => values[`${prefix}_${id}`];
    assert.deepEqual([of("name"), of("gain"), of("muted"), of("heard"), of("level")], ["Cleo_99", 2, true, false, -18]);
  }
  assert.deepEqual([values.talker_3_name, values.talker_3_level, values.talker_1_level, values.mix_level], ["", "", "", -9]);
  assert.deepEqual([values.recording, values.recording_time, values.recording_marks], [true, "1:02:05", 4]);
});

test("only what is different is told", () => {
  const known = {};
  assert.equal(Object.keys(changed(variableValues(view), known)).length > 100, true);
  client.speak(CY);
  assert.deepEqual(changed(variableValues(view), known), { loudest: "Cleo_99", talker_2_speaking: true, [`account_${CY.account_id}_speaking`]: true });
});

test("presets use actions, feedbacks and variables that there are, and each stands in a section once", () => {
  const { structure, presets } = presetDefinitions(view);
  const variables = variableDefinitions(view);
  const inSections = structure.flatMap(({ definitions }) => definitions.flatMap((one) => (typeof one === "string" ? one : one.presets)));
  assert.deepEqual(inSections.sort(), Object.keys(presets).sort());
  for (const [id, { name, style, steps, feedbacks: shown }] of Object.entries(presets)) {
    assert.ok(name && style.text, id);
    for (const [, variable] of style.text.matchAll(/\$\(partyline:(\w+)\)/g)) assert.ok(variable in variables, `${id}: ${variable}`);
    for (const { actionId, options } of steps.flatMap(({ down, rotate_left = [], rotate_right = [] }) => [...down, ...rotate_left, ...rotate_right])) {
      assert.deepEqual(Object.keys(options).sort(), actions[actionId].options.map((field) => field.id).sort(), `${id}: ${actionId}`);
    }
    for (const { feedbackId, options, style: looks } of shown) {
      assert.deepEqual(Object.keys(options).sort(), feedbacks[feedbackId].options.map((field) => field.id).sort(), `${id}: ${feedbackId}`);
      assert.equal(Boolean(looks), feedbacks[feedbackId].type === "boolean", `${id}: ${feedbackId}`);
    }
  }
});

test("who left keeps choices and variables, which are empty", () => {
  const labels = () => actionDefinitions(view, client).mute.options[0].choices.slice(0, 2).map(({ label }) => label);
  assert.deepEqual(labels(), ["Bo-Streams", "Cleo_99"]);
  client.party(BO);
  assert.deepEqual(labels(), ["Bo-Streams", "Cleo_99 (away)"]);
  const id = `account_${CY.account_id}_gain`;
  assert.deepEqual([variableValues(view)[id], id in variableDefinitions(view)], ["", true]);
});

test("the help names every variable", () => {
  const help = readFileSync(new URL("../companion/HELP.md", import.meta.url), "utf8");
  const names = Object.keys(variableDefinitions(view)).filter((id) => !/^(talker_([2-9]|1\d)|account)_/.test(id));
  assert.deepEqual(names.filter((id) => !help.includes(`\`${id.replace(/^talker_1_/, "")}\``)), []);
});

test("presets are for who is here", () => {
  const names = () => presetDefinitions(view).structure[0].definitions.map(({ name }) => name);
  assert.deepEqual(names(), ["Bo-Streams", "Cleo_99"]);
  client.party(CY);
  assert.deepEqual(names(), ["Cleo_99"]);
});
