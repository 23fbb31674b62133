// The list of talkers, their places, and who is loudest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseOf, keyOf } from "../src/address.js";
import { Loudest, Places, SILENCE_DB, talkersOf } from "../src/talkers.js";
import { BO, CY, partyOf } from "./fake-server.js";

const of = (topics) => talkersOf(new Map(Object.entries(topics)));
const one = (peer, more = {}) => ({ peer, accountId: peer.split(".")[0], speaking: false, level: SILENCE_DB, muted: false, hushed: false, ...more });
const seats = (talkers) => talkers.map(({ peer, place }) => [place, peer]);

test("the bridge is nobody of the party, and without a party there is nobody", () => {
  const bridge = { account_id: "bridge", platform: "BRIDGE", online_id: "the bridge", connection: "connected" };
  assert.deepEqual(of({ "peer.state/bridge.BRIDGE": bridge }), []);
  assert.deepEqual(of({}), []);
});

test("a member of whom the mixer knows nothing yet has the usual values", () => {
  const { name, connected, gainDb, muted } = of({ "party.state/": { members: [{ account_id: "7", platform: "PS5", online_id: "" }] } })[0];
  assert.deepEqual([name, connected, gainDb, muted], ["7", false, 0, false]);
});

test("what the mixer says stands in the list", () => {
  const topics = partyOf();
  topics["audio.mixer/"].talkers[0] = { peer: BO, gain_db: -6, muted: true, solo: true, hushed: true };
  const { gainDb, muted, solo, hushed, level } = of(topics)[0];
  assert.deepEqual([gainDb, muted, solo, hushed, level], [-6, true, true, true, SILENCE_DB]);
});

test("a place is kept while others leave, and given to who comes", () => {
  const places = new Places();
  places.seat([one("1.PS5"), one("2.PS5"), one("3.PS5")]);
  assert.deepEqual(seats(places.seat([one("2.PS5"), one("3.PS5")])), [[2, "2.PS5"], [3, "3.PS5"]]);
  assert.deepEqual(seats(places.seat([one("2.PS5"), one("3.PS5"), one("4.PS5")])), [[1, "4.PS5"], [2, "2.PS5"], [3, "3.PS5"]]);
});

test("the loudest is named, changes only for somebody plainly louder, and stays through a short pause", () => {
  const loudest = new Loudest();
  const hear = (ms, a, b) =>
    loudest.hear([one(BO, { speaking: a > SILENCE_DB, level: a }), one(CY, { speaking: b > SILENCE_DB, level: b })], ms)?.peer ?? null;
  assert.equal(hear(0, SILENCE_DB, SILENCE_DB), null);
  assert.equal(hear(100, -20, SILENCE_DB), BO);
  assert.equal(hear(200, -20, -18), BO);
  assert.equal(hear(300, -20, -10), CY);
  assert.equal(hear(400, SILENCE_DB, SILENCE_DB), CY);
  assert.equal(hear(800, -20, SILENCE_DB), CY);
  assert.equal(hear(1000, -20, SILENCE_DB), BO);
  assert.equal(hear(1700, SILENCE_DB, SILENCE_DB), null);
});

test("a muted voice is not the loudest", () => {
  const talkers = [one(BO, { speaking: true, level: -10, muted: true }), one(CY, { speaking: true, level: -30 })];
  assert.equal(new Loudest().hear(talkers, 0)?.peer, CY);
});

for (const [given, base] of [
  ["", "http://127.0.0.1:8770"],
  [" studio-mini.local:8770/ ", "http://studio-mini.local:8770"],
  ["http://127.0.0.1:8770/overlay#key=x", "http://127.0.0.1:8770"],
  ["https://a.example", "https://a.example"],
]) {
  test(`the address of "${given}"`, () => assert.equal(baseOf(given), base));
}

for (const given of ["ftp://a", "http://", "::"]) {
  test(`no address: "${given}"`, () => assert.throws(() => baseOf(given), { code: "client.bad-address" }));
}

test("a key is taken as it was copied, and nothing else is", () => {
  assert.equal(keyOf(" pl.aa.b-_c\n"), "pl.aa.b-_c");
  assert.throws(() => keyOf("pl.aa b"), { code: "client.bad-key" });
});
