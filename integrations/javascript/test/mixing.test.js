// Faders, switches and the whole party, without a server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PartylineError } from "../src/errors.js";
import { GAIN_DB, PartyMute, Wishes } from "../src/mixing.js";

function asked() {
  const calls = [];
  return { calls, ask: (name, fields) => new Promise((resolve, reject) => calls.push({ name, fields, resolve, reject })) };
}

test("of many values of a fader the first and the last are sent", async () => {
  const { calls, ask } = asked();
  const wishes = new Wishes(ask);
  const first = wishes.set("SetGain", "a", "gain_db", 1);
  for (const value of [2, 3, 4]) wishes.set("SetGain", "a", "gain_db", value);
  assert.equal(wishes.get("SetGain", "a"), 4);
  calls[0].resolve();
  while (calls.length < 2) await new Promise((next) => setTimeout(next, 5));
  calls[1].resolve();
  await first;
  assert.deepEqual(calls.map(({ fields }) => fields.gain_db), [1, 4]);
  assert.equal(wishes.get("SetGain", "a"), 4, "until a state comes");
  wishes.onState();
  assert.equal(wishes.get("SetGain", "a"), undefined);
});

test("a value that was refused is not held", async () => {
  const { calls, ask } = asked();
  const wishes = new Wishes(ask);
  const set = wishes.set("SetMute", "a", "muted", true);
  calls[0].reject(new PartylineError("bus.unreachable", "audio does not answer."));
  await assert.rejects(set, { code: "bus.unreachable" });
  assert.equal(wishes.get("SetMute", "a"), undefined);
});

test("who asks too often waits and asks again", async () => {
  const { calls, ask } = asked();
  const wishes = new Wishes(ask);
  const set = wishes.set("SetGain", "a", "gain_db", 1);
  calls[0].reject(new PartylineError("api.too-often", "Too often."));
  while (calls.length < 2) await new Promise((next) => setTimeout(next, 20));
  calls[1].resolve();
  await set;
});

test("the range of gain is the schema's", () => {
  const schema = JSON.parse(readFileSync(new URL("../../../notes/api/openapi.json", import.meta.url), "utf8"));
  const { minimum, maximum } = schema.components.schemas.SetGain.properties.gain_db;
  assert.deepEqual(GAIN_DB, { least: minimum, most: maximum });
});

function mixer(...talkers) {
  const client = {
    talkers: talkers.map(([peer, muted, yourself = false]) => ({ peer, muted, yourself })),
    setMute: async (peer, muted) => {
      client.talkers.find((one) => one.peer === peer).muted = muted;
    },
    muted: () => client.talkers.filter(({ muted }) => muted).map(({ peer }) => peer),
  };
  return client;
}

test("muting the party and undoing it leaves those alone who were muted before, and yourself", async () => {
  const client = mixer(["a", false], ["b", true], ["me", true, true], ["c", false]);
  const party = new PartyMute(client);
  assert.equal(party.muted, false);
  assert.equal(await party.toggle(), true);
  assert.deepEqual(client.muted(), ["a", "b", "me", "c"]);
  assert.equal(await party.toggle(), false);
  assert.deepEqual(client.muted(), ["b", "me"]);
});

test("a party that others muted is unmuted, except yourself", async () => {
  const client = mixer(["a", true], ["me", true, true]);
  await new PartyMute(client).toggle();
  assert.deepEqual(client.muted(), ["me"]);
});

test("nobody is no muted party", () => assert.equal(new PartyMute(mixer(["me", true, true])).muted, false));
