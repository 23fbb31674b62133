// The client against a small server: it connects, follows, comes back, asks, and says what is wrong.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Partyline } from "../node.js";
import { BO, CY, FakeServer, KEY, partyOf, until } from "./fake-server.js";

const open = [];

async function served() {
  const server = await new FakeServer().start();
  open.push(() => server.stop());
  return server;
}

async function connected(server, options = {}) {
  const client = new Partyline({ url: server.url, key: KEY, ...options });
  open.push(() => client.stop());
  client.start();
  await until(() => client.status.phase === "connected", "it connects");
  return client;
}

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

test("it begins with the state and follows each change", async () => {
  const server = await served();
  const client = await connected(server, { topics: ["party.state"], members: ["1001"] });
  assert.deepEqual(client.talkers.map(({ peer, name, yourself, place }) => [peer, name, yourself, place]), [
    [BO, "name-1001", false, 1],
    [CY, "name-1002", true, 2],
  ]);
  assert.deepEqual([server.heard[0].topics, server.heard[0].members], [["party.state"], ["1001"]]);
  assert.equal(client.status.right, "control");
  const changes = [];
  client.addEventListener("change", ({ topic }) => changes.push(topic));
  server.publish(`peer.speaking/${BO}`, { speaking: true });
  server.publish("audio.levels/", { talkers: { [BO]: -12.5 } });
  await until(() => client.talkers[0].level === -12.5, "the level is there");
  assert.equal(client.talkers[0].speaking, true);
  server.publish(`peer.speaking/${BO}`, null);
  await until(() => !client.talkers[0].speaking, "a topic that is gone is gone");
  assert.deepEqual(changes, [`peer.speaking/${BO}`, "audio.levels/", `peer.speaking/${BO}`]);
});

test("after a lost connection it goes on where it was, and gets what it missed once", async () => {
  const server = await served();
  const client = await connected(server);
  server.publish(`peer.speaking/${BO}`, { speaking: true });
  await until(() => client.talkers[0].speaking, "the change came");
  const changes = [];
  client.addEventListener("change", ({ topic, message }) => changes.push([topic, message]));
  for (const socket of server.sockets) socket.terminate();
  await until(() => client.status.phase === "waiting", "it notices");
  assert.equal(client.status.error.code, "client.lost");
  assert.equal(client.talkers.length, 2);
  server.publish(`peer.speaking/${CY}`, { speaking: true });
  await until(() => client.status.phase === "connected", "it is back");
  await until(() => changes.length, "what was missed came");
  assert.deepEqual(changes, [[`peer.speaking/${CY}`, { speaking: true }]]);
  assert.deepEqual(server.heard.at(-1).since, { run: "run-1", number: 11 });
});

test("a server that was restarted gives a snapshot, and what it does not have is gone", async () => {
  const server = await served();
  const client = await connected(server);
  server.publish(`peer.speaking/${BO}`, { speaking: true });
  await until(() => client.talkers[0].speaking, "the change came");
  Object.assign(server, { run: "run-2", number: 3, topics: partyOf([CY]) });
  for (const socket of server.sockets) socket.terminate();
  await until(() => client.talkers.length === 1, "the state is the new one");
  assert.equal(client.topic("peer.speaking", BO), null);
});

test("it tries for ever, and says that partyline is not running", async () => {
  const server = await served();
  await server.stop();
  open.pop();
  const client = new Partyline({ url: server.url, key: KEY });
  open.push(() => client.stop());
  client.start();
  await until(() => client.status.phase === "waiting", "it waits");
  assert.equal(client.status.error.code, "client.unreachable");
  assert.match(client.status.error.remedy, /partyline up/);
  await assert.rejects(client.request("SetMute"), { code: "client.unreachable" });
  const again = await new FakeServer().start(server.port);
  open.push(() => again.stop());
  await until(() => client.status.phase === "connected", "it connects when partyline is there");
});

test("a key that is refused is told with the server's words, and tried again", async () => {
  const server = await served();
  server.key = "pl.other";
  const client = new Partyline({ url: server.url, key: KEY });
  open.push(() => client.stop());
  client.start();
  await until(() => client.status.error, "it is refused");
  assert.deepEqual([client.status.error.code, client.status.error.remedy], ["api.no-key", "Make one."]);
  server.key = KEY;
  await until(() => client.status.phase === "connected", "the key is valid now");
});

for (const [options, code] of [
  [{ key: "" }, "client.no-key"],
  [{ key: "two words" }, "client.bad-key"],
  [{ url: "ftp://host", key: KEY }, "client.bad-address"],
]) {
  test(`what cannot be used is said: ${code}`, async () => {
    const client = new Partyline(options);
    open.push(() => client.stop());
    client.start();
    await until(() => client.status.phase === "waiting", "it says so");
    assert.equal(client.status.error.code, code);
    assert.ok(client.status.error.remedy);
  });
}

test("requests have answers, and errors with code, message and remedy", async () => {
  const server = await served();
  const client = await connected(server);
  server.answer = (name, fields) => ({ name, fields });
  assert.deepEqual(await client.request("StartRecording", { name: "x" }), { name: "StartRecording", fields: { name: "x" } });
  server.answer = () => ({ code: "api.not-allowed", message: "It is not allowed.", remedy: "Make another key." });
  await assert.rejects(client.request("LeaveParty"), { code: "api.not-allowed", message: "It is not allowed.", remedy: "Make another key." });
});

test("a request under way when the connection is lost says that nobody knows", async () => {
  const server = await served();
  const client = await connected(server);
  server.answer = () => new Promise(() => {});
  const asked = client.request("SaveClip");
  await until(() => server.heard.some((frame) => frame.do), "it was asked");
  for (const socket of server.sockets) socket.terminate();
  await assert.rejects(asked, { code: "client.lost" });
});

test("a request that is never answered ends", async () => {
  const server = await served();
  const client = await connected(server, { requestMs: 50 });
  server.answer = () => new Promise(() => {});
  await assert.rejects(client.request("SetMute"), { code: "client.timeout" });
});

test("no more requests than the server bears are under way", async () => {
  const server = await served();
  const client = await connected(server);
  const waiting = [];
  server.answer = () => new Promise((answered) => waiting.push(answered));
  const asked = Array.from({ length: 40 }, (_, number) => client.request("SetMute", { number }));
  await until(() => waiting.length === 24, "the first were asked");
  waiting.splice(0).forEach((answered) => answered({ message: "" }));
  await until(() => waiting.length === 16, "the others follow");
  waiting.forEach((answered) => answered({ message: "" }));
  await Promise.all(asked);
});

test("another subscription begins with its snapshot", async () => {
  const server = await served();
  const client = await connected(server, { topics: ["party.state"] });
  client.subscribe({ topics: ["party.state", "audio.levels"] });
  await until(() => server.heard.length === 2, "it subscribed");
  assert.equal(server.heard[1].since, undefined);
  client.subscribe({ topics: ["party.state", "audio.levels"] });
  await client.request("x");
  assert.equal(server.heard.length, 3);
});

test("after `stop` nothing is tried", async () => {
  const server = await served();
  const client = await connected(server);
  client.stop();
  assert.equal(client.status.phase, "stopped");
  await until(() => server.sockets.size === 0, "it hung up");
  await assert.rejects(client.request("x"), { code: "client.not-connected" });
});
