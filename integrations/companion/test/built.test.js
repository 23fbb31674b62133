// The built module in a process of its own, as Companion runs it, against a small partyline.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { validateManifest } from "@companion-module/base/manifest";
import { BO, CY, FakeServer, KEY, partyOf, until } from "../../javascript/test/fake-server.js";
import { Host } from "./host/host.js";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const BUILT = `${FOLDER}pkg/partyline-partyline`;
const open = [];

before(() => {
  execFileSync("npm", ["run", "package"], { cwd: FOLDER, stdio: "pipe" });
});

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function served() {
  const server = await new FakeServer().start();
  open.push(() => server.stop());
  return server;
}

async function hosted(port, { key = KEY, levels = "full" } = {}) {
  const host = await Host.start(BUILT, { config: { host: "127.0.0.1", port, levels }, secrets: { key } });
  open.push(() => host.stop());
  return host;
}

const statusIs = (status) => (host) => host.status?.status === status;
const asked = ({ heard }) => heard.filter(({ op }) => op === "request").map((frame) => [frame.do, frame.fields]);

test("its manifest is valid, and names the version of the base that it was built with", () => {
  const manifest = JSON.parse(readFileSync(`${BUILT}/companion/manifest.json`));
  validateManifest(manifest, false);
  const { version, dependencies } = JSON.parse(readFileSync(`${FOLDER}package.json`));
  assert.deepEqual([manifest.runtime.apiVersion, manifest.version], [dependencies["@companion-module/base"], version]);
});

test("a pressed button reaches partyline, and what happens there reaches the button", async () => {
  const server = await served();
  const host = await hosted(server.port);
  await host.until(statusIs("ok"), "it is connected");
  await host.until(({ variables }) => variables.get("talker_2_name") === "name-1002", "the names are there");
  await host.place("red", "muted", { talker: "1" });
  await host.place("green", "speaking", { talker: "1001" });
  await host.place("meter", "level_meter", { talker: "1" });
  await host.until(({ shown }) => shown.get("red") === false && shown.get("meter")?.imageBuffer, "the buttons show something");

  await host.press("mute", { talker: "1", mode: "toggle" });
  assert.deepEqual(asked(server), [["SetMute", { peer: BO, muted: true }]]);
  const mixer = server.topics["audio.mixer/"];
  server.publish("audio.mixer/", { ...mixer, talkers: mixer.talkers.map((one) => ({ ...one, muted: one.peer === BO })) });
  await host.until(({ shown }) => shown.get("red") === true, "the button is red");
  assert.equal(host.variables.get("talker_1_muted"), true);

  const dark = host.shown.get("meter").imageBuffer;
  server.publish(`peer.speaking/${BO}`, { speaking: true });
  server.publish("audio.levels/", { talkers: { [BO]: -12.4, [CY]: -120 }, mix: -12.4 });
  await host.until(({ shown }) => shown.get("green") === true && shown.get("meter").imageBuffer !== dark, "the level is drawn");
  assert.deepEqual([host.variables.get("talker_1_level"), host.variables.get("account_1001_level"), host.variables.get("talker_2_level")], [-12, -12, ""]);
});

test("when the party changes there are other presets, choices and variables, and buttons of places mean others", async () => {
  const server = await served();
  const host = await hosted(server.port);
  const names = () => host.structure[0]?.definitions.map(({ name }) => name) ?? [];
  await host.until(() => names().join() === "name-1001,name-1002", "presets of both");
  await host.place("first", "speaking", { talker: "1" });
  server.publish("party.state/", partyOf([CY, "1003.PS5"])["party.state/"]);
  await host.until(() => names().join() === "name-1003,name-1002", "Cy keeps place 2, and the newcomer has place 1");
  await host.until(({ variables }) => variables.get("account_1003_name") === "name-1003" && variables.get("account_1001_name") === "", "variables too");
  const [talker] = host.actions.mute.options;
  assert.deepEqual(talker.choices.slice(0, 3).map(({ label }) => label), ["name-1003", "name-1002", "name-1001 (away)"]);
  server.publish("peer.speaking/1003.PS5", { speaking: true });
  await host.until(({ shown }) => shown.get("first") === true, "the button shows the newcomer");
});

test("a knob that turns fast sends few values, and the last one", async () => {
  const server = await served();
  const host = await hosted(server.port);
  await host.until(statusIs("ok"), "it is connected");
  await host.until(({ actions }) => actions.gain_step, "there are actions");
  await Promise.all(Array.from({ length: 30 }, () => host.press("gain_step", { talker: "1", step: 0.5 })));
  const gains = asked(server).map(([, { gain_db: gain }]) => gain);
  assert.equal(gains.at(-1), 15);
  assert.ok(gains.length < 10, String(gains));
  assert.equal(host.variables.get("talker_1_gain"), 15, "it is shown before partyline tells it");
  await Promise.all(Array.from({ length: 6 }, () => host.press("master_gain_step", { step: -1 })));
  assert.deepEqual(asked(server).at(-1), ["SetMaster", { gain_db: -6 }]);
});

test("what partyline refuses is said by the action, with the remedy", async () => {
  const server = await served();
  server.answer = () => ({ code: "recorder.idle", message: "Nothing is recorded.", remedy: "Start a recording first." });
  const host = await hosted(server.port);
  await host.until(statusIs("ok"), "it is connected");
  await assert.rejects(host.press("mark", { text: "" }), { message: "Nothing is recorded. Start a recording first." });
  await assert.rejects(host.press("mute", { talker: "Dora", mode: "on" }), { message: "Dora is not in the party." });
});

test("the connection's status says what is wrong, and goes away when it is right", async () => {
  const server = await served();
  const host = await hosted(server.port, { key: "" });
  await host.until(statusIs("bad_config"), "there is no key");
  assert.match(host.status.message, /The API key is missing\. Make one with `partyline api key add/);
  const set = (key) => host.configure({ host: "127.0.0.1", port: server.port, levels: "full" }, { key });
  await set("pl.wrong.key");
  await host.until(statusIs("authentication_failure"), "the key is wrong");
  assert.ok(!host.log.join().includes("pl.wrong.key"), "no key in the log");
  server.right = "read";
  await set(KEY);
  await host.until(statusIs("insufficient_permissions"), "the key may only read");
  server.right = "control";
  await set(KEY);
  await host.until(statusIs("ok"), "it is right");
  await until(() => server.sockets.size === 1, "the connection with the settings before has ended");
  server.publish("audio.levels/", { talkers: { [BO]: -12 }, mix: -12 });
  await host.until(({ variables }) => variables.get("talker_1_level") === -12, "a level comes");
  const { port } = server;
  await server.stop();
  await host.until(statusIs("connection_failure"), "partyline is away");
  await host.until(({ variables }) => variables.get("connected") === false, "the variable says so too");
  await host.until(({ variables }) => variables.get("talker_1_level") === "", "nothing sounds any more");
  await server.start(port);
  await host.until(statusIs("ok"), "it comes back by itself");
});

test("without levels none are asked for, and slow ones come less often", async () => {
  const server = await served();
  const off = await hosted(server.port, { levels: "off" });
  await off.until(statusIs("ok"), "it is connected");
  assert.equal(server.heard[0].topics.includes("audio.levels"), false);
  const slow = await hosted(server.port, { levels: "slow" });
  await slow.until(statusIs("ok"), "it is connected");
  await until(() => server.heard.some(({ topics }) => topics?.includes("audio.levels")), "levels are asked for");
  const seen = new Set();
  const last = slow.until(({ variables }) => seen.add(variables.get("talker_1_level")) && variables.get("recording") === true, "the last change");
  for (let level = 1; level <= 40; level++) server.publish("audio.levels/", { talkers: { [BO]: -level }, mix: -level });
  server.publish("recording/", { state: "recording", seconds: 0, marks: 0 });
  await last;
  assert.ok(seen.size < 10, [...seen].join());
});

test("a new connection begins with the defaults of its fields", async () => {
  const host = await Host.start(BUILT);
  open.push(() => host.stop());
  assert.deepEqual(host.saved, [{ config: { host: "127.0.0.1", port: 8770, levels: "full" }, secrets: { key: "" } }]);
  assert.deepEqual((await host.fields()).map(({ id }) => id), ["about", "host", "port", "key", "levels"]);
});
