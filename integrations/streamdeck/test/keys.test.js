// Whom a key is for, what it shows, and what it does, without Stream Deck and without partyline.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { dial, KEYS } from "../src/actions/index.js";
import { decibels } from "../src/actions/shared.js";
import { Deck } from "../src/deck.js";
import { chosen } from "../src/member.js";
import { named, STEPS, stepsOf, svg } from "../src/picture.js";
import { wordsOf, wordsOfStatus } from "../src/words.js";

const one = (place, name, more = {}) => ({
  place, name, peer: `${1000 + place}.PS5`, accountId: String(1000 + place), platform: "PS5", yourself: false, connected: true,
  speaking: false, level: -120, gainDb: 0, muted: false, solo: false, hushed: false, ...more,
}); // prettier-ignore
const model = (talkers, more = {}) => ({ talkers, joined: true, recording: null, clip: null, loudest: null, party: { muted: false }, client: {}, ...more });
const kind = (name) => KEYS.find(({ uuid }) => uuid.endsWith(`.${name}`));
const wordsIn = (picture) => [...svg(picture).matchAll(/<text[^>]*>([^<]*)</g)].map(([, words]) => words);

for (const [choice, found] of [
  [{}, "A"],
  [{ by: "place", place: "3" }, "C"],
  [{ by: "place", place: 2 }, ["place 2", "is free"]],
  [{ by: "place", place: "x" }, "A"],
  [{ by: "account", accountId: "1003" }, "C"],
  [{ by: "account", accountId: "7", name: "Zoe" }, ["Zoe", "is not here"]],
  [{ by: "account" }, ["choose", "a person"]],
]) {
  test(`a key for ${JSON.stringify(choice)}`, () => {
    const { talker, missing } = chosen(choice, [one(1, "A"), one(3, "C")], true);
    assert.deepEqual(talker?.name ?? missing, found);
  });
}

test("of two consoles of one person the one with a voice is meant", () => {
  const two = [one(1, "A", { connected: false }), one(2, "A", { accountId: "1001", peer: "1001.PS4" })];
  assert.equal(chosen({ by: "account", accountId: "1001" }, two, true).talker.peer, "1001.PS4");
});

test("without a party a key says so", () => {
  assert.deepEqual(chosen({ place: 1 }, [], false).missing, ["no party"]);
  assert.deepEqual(chosen({ by: "account", accountId: "1", name: "Zoe" }, [], false).missing, ["Zoe", "no party"]);
});

for (const [name, lines] of [
  ["Bo", ["Bo"]],
  ["Bo-Streams", ["Bo-Streams"]],
  ["ella.winter", ["ella.", "winter"]],
  ["DuncanMacLeod", ["Duncan", "MacLeod"]],
  ["abcdefghijklmnop", ["abcdefgh", "ijklmnop"]],
  ["gwen_the_great_of_wales", ["gwen_the_g", "reat_of_w…"]],
]) {
  test(`the name ${name} on a key`, () => assert.deepEqual(named(name), lines));
}

test("a name cannot break the picture", () => {
  const drawn = svg({ glyph: "mic", name: `<&"'\u0007\ud800` });
  assert.match(drawn, />&#60;&#38;&#34;&#39;</);
});

for (const [db, steps] of [[-120, 0], [-54, 0], [-48, 1], [-6, STEPS], [0, STEPS], [-Infinity, 0]]) {
  test(`a level of ${db} dBFS is ${steps} boxes`, () => assert.equal(stepsOf(db), steps));
}

test("each state of a person has a shape or a word of its own, whatever the colours", () => {
  const grey = (talker) => svg(kind("mute").look({}, model([talker])).picture).replace(/#[0-9a-f]{6}/g, "#");
  const states = [{}, { speaking: true }, { muted: true }, { solo: true }, { hushed: true }, { connected: false }, { level: -20 }];
  assert.equal(new Set(states.map((state) => grey(one(1, "A", state)))).size, states.length);
  const record = (state) => wordsIn(kind("record").look({}, model([], { recording: { state, seconds: 3700 } })).picture);
  assert.deepEqual([record("idle"), record("recording")], [["Record"], ["1:01:40", "REC"]]);
});

test("a muted voice shows no level and no waves, since nobody hears it", () => {
  const look = kind("mute").look({}, model([one(1, "A", { muted: true, speaking: true, level: -3 })]));
  assert.deepEqual([look.picture.waves, look.picture.level, look.state], [false, 0, 1]);
});

test("who speaks", () => {
  const look = (loudest, joined = true) => wordsIn(kind("speaker").look({}, model([], { loudest, joined })).picture);
  assert.deepEqual([look(one(1, "Bo")), look(null), look(null, false)], [["Bo", "speaks"], ["nobody", "speaks"], ["no party"]]);
});

test("decibels are written with their sign", () => assert.deepEqual([-3, 0, 1.25].map(decibels), ["−3 dB", "0 dB", "+1.3 dB"]));

test("each error has words, and a connection that is tried again is no error yet", () => {
  assert.deepEqual(wordsOf({ code: "session.full" }), ["refused", "see", "settings"]);
  assert.deepEqual(wordsOfStatus({ phase: "waiting", error: { code: "client.lost" } }), ["connecting"]);
  assert.equal(wordsOfStatus({ phase: "connected", error: null }), null);
});

function shown(look, status = { phase: "connected", error: null }) {
  const sent = [];
  const handle = { id: "k", setImage: async (image) => sent.push(image), setState: async () => {}, showAlert: async () => sent.push("alert"), showOk: async () => sent.push("ok") };
  const logged = [];
  const deck = new Deck(() => model([one(1, "A", look)]), () => status, (error) => logged.push(error));
  deck.appear(handle, kind("mute"), {});
  return { deck, sent, logged };
}

test("a picture is sent when it changes, and at most ten times a second", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const talker = { level: -120 };
  const { deck, sent } = shown(talker);
  deck.refresh();
  assert.equal(sent.length, 1);
  for (let level = -50; level < -10; level++) {
    talker.level = level;
    deck.refresh();
  }
  assert.equal(sent.length, 1);
  mock.timers.tick(100);
  assert.equal(sent.length, 2);
  mock.timers.tick(1000);
  assert.equal(sent.length, 2);
  mock.timers.reset();
});

test("a press that fails is an alert with words, and the words go by themselves", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { deck, sent, logged } = shown({});
  await deck.act("k", async () => {
    throw Object.assign(new Error("no"), { code: "api.not-allowed" });
  });
  assert.deepEqual([sent.length, sent.at(-1), logged.length], [3, "alert", 1]);
  mock.timers.tick(3000);
  assert.equal(sent.at(-1), sent[0]);
  mock.timers.reset();
});

test("levels are asked for only while a key shows them", () => {
  const { deck } = shown({});
  assert.equal(deck.wantsLevels, true);
  deck.disappear("k");
  assert.equal(deck.wantsLevels, false);
});

test("the strip of a dial says what is wrong", () => {
  const { value, icon } = dial.warning(["API key", "missing"]);
  assert.equal(value, "API key missing");
  assert.match(icon, /^data:image\/svg\+xml;base64,/);
});
