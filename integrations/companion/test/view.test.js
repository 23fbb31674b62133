// What the buttons look at, from the topics of the API.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Loudest } from "partyline-api";
import { View } from "../src/view.js";
import { BO, CY, FakeClient, peerOf } from "./stage.js";

function viewed() {
  const client = new FakeClient();
  let now = 0;
  return { client, view: new View(client, new Loudest(), () => now), later: (ms) => (now += ms) };
}

test("a talker is found by place, account, peer key and online id, whatever its case", () => {
  const { view } = viewed();
  for (const words of ["2", 2, CY.account_id, peerOf(CY), "cleo_99", " Cleo_99 "]) assert.equal(view.find(words)?.name, "Cleo_99", words);
  for (const words of ["3", "", undefined, "Dora", "17"]) assert.equal(view.find(words), null, words);
});

test("of somebody with two consoles the one whose voice arrives is meant", () => {
  const { client, view } = viewed();
  const phone = { ...BO, platform: "MOBILE_APP" };
  client.party(BO, phone);
  client.topics.set(`peer.state/${peerOf(phone)}`, { connection: "connected" });
  assert.deepEqual([BO.account_id, BO.online_id, peerOf(BO), "1"].map((words) => view.find(words).peer), [peerOf(phone), peerOf(phone), peerOf(BO), peerOf(BO)]);
});

test("nobody is said as a sentence", () => {
  const { client, view } = viewed();
  assert.throws(() => view.talker("Dora"), { message: "Dora is not in the party." });
  assert.throws(() => view.talker("7"), { message: "Nobody has place 7." });
  assert.throws(() => view.talker("loudest"), { message: "Nobody speaks." });
  client.lose();
  assert.throws(() => view.talker("Dora"), { code: "client.lost" });
});

test("who is muted or solo-muted is not heard", () => {
  const { client, view } = viewed();
  client.mix({ [peerOf(BO)]: { muted: true }, [peerOf(CY)]: { hushed: true } });
  assert.deepEqual(view.talkers.map(({ heard }) => heard), [false, false]);
  client.mix();
  assert.deepEqual(view.talkers.map(({ heard }) => heard), [true, true]);
});

test("the loudest is the loudest of those who speak", () => {
  const { client, view } = viewed();
  assert.equal(view.loudest, null);
  client.speak(BO);
  client.speak(CY);
  client.levels({ [peerOf(BO)]: -30, [peerOf(CY)]: -12 });
  assert.equal(view.find("loudest").name, "Cleo_99");
});

test("nobody speaks, and nothing sounds, while the connection is lost", () => {
  const { client, view } = viewed();
  client.speak(BO);
  client.levels({ [peerOf(BO)]: -12 }, 0);
  assert.deepEqual([view.talkers[0].speaking, view.talkers[0].level, view.mixLevel], [true, -12, 0]);
  client.topics.set("clip/", { seconds: 60, kept_s: 20 });
  assert.deepEqual(view.clip, { ready: true, seconds: 20 });
  client.lose();
  assert.deepEqual([view.connected, view.talkers[0].speaking, view.talkers[0].level, view.mixLevel], [false, false, -120, -120]);
  assert.equal(view.clip.ready, false);
});

test("a recording that ended has no time", () => {
  const { client, view } = viewed();
  assert.deepEqual(view.recording, { running: false, seconds: 0, marks: 0 });
  client.topics.set("recording/", { state: "recording", seconds: 12.5, marks: 2 });
  assert.deepEqual(view.recording, { running: true, seconds: 12.5, marks: 2 });
  client.topics.set("recording/", { state: "stopped", seconds: 12.5, marks: 2 });
  assert.deepEqual(view.recording, { running: false, seconds: 0, marks: 0 });
});

test("the worst problem is first, then the newest", () => {
  const { client, view } = viewed();
  const problem = (severity, at) => client.topics.set(`problem/${severity}${at}`, { severity, at, message: `${severity} ${at}` });
  problem("warning", 9);
  problem("note", 10);
  assert.deepEqual([view.problems("error").length, view.problems("warning").length], [0, 1]);
  problem("error", 1);
  problem("error", 2);
  assert.deepEqual(view.problems("warning").map(({ message }) => message), ["error 2", "error 1", "warning 9"]);
});

test("an output that there is not is said with those that there are", () => {
  const { view } = viewed();
  assert.equal(view.isMuted("main"), false);
  assert.throws(() => view.isMuted("ears"), { message: "There is no output ears.", remedy: "Outputs: main." });
});

test("who left is remembered, but not everybody for ever", () => {
  const { client, view } = viewed();
  assert.deepEqual(view.people.map(({ name, talker }) => [name, talker?.place]), [["Bo-Streams", 1], ["Cleo_99", 2]]);
  for (let number = 0; number < 100; number++) {
    client.party(CY, { account_id: String(5000 + number), platform: "PS5", online_id: `guest-${number}` });
    assert.ok(view.people.length <= 64);
  }
  assert.deepEqual(view.people.slice(0, 3).map(({ name }) => name), ["guest-99", "Cleo_99", "guest-98"]);
});
