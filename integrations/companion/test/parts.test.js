// The meter's picture, the words beside the connection's name, and the settings.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InstanceStatus } from "@companion-module/base";
import { PartylineError } from "partyline-api";
import { configFields, settingsOf } from "../src/config.js";
import { levelStyle, meterStyle, share } from "../src/meter.js";
import { statusOf } from "../src/status.js";

const IMAGE = { width: 72, height: 54 };

/** Return the colours of a bar from below, one for each row. */
function rows({ imageBuffer, imageBufferPosition: { width, height } }) {
  const pixels = Buffer.from(imageBuffer, "base64");
  assert.equal(pixels.length, width * height * 3);
  return Array.from({ length: height }, (_, row) => [...pixels.subarray((height - 1 - row) * width * 3, (height - 1 - row) * width * 3 + 3)].join());
}

test("a meter is lit from below up to its level", () => {
  for (const [level, lit] of [[-120, 0], [-54, 0], [-27, 27], [0, 54], [6, 54]]) {
    const unlit = rows(meterStyle(-120, true, IMAGE))[0];
    assert.equal(rows(meterStyle(level, true, IMAGE)).filter((colour) => colour !== unlit).length, lit, String(level));
  }
  assert.equal(share(-27), 0.5);
});

test("a loud meter has three colours, that of someone who is not heard has one", () => {
  assert.equal(new Set(rows(meterStyle(0, true, IMAGE))).size, 3);
  assert.equal(new Set(rows(meterStyle(0, false, IMAGE))).size, 1);
});

test("it stands at the right edge", () => {
  const { x, y, width, height } = meterStyle(-20, true, IMAGE).imageBufferPosition;
  assert.deepEqual([x + width, y, height], [72, 0, 54]);
});

test("where there is no picture the button is coloured", () => {
  assert.deepEqual(meterStyle(-6, true, undefined), levelStyle(-6));
  assert.deepEqual(meterStyle(-6, false, undefined), {});
  assert.deepEqual(levelStyle(-120), {});
  assert.equal(new Set([-30, -15, -3].map((level) => levelStyle(level).bgcolor)).size, 3);
});

test("the status says what is wrong and what to do", () => {
  const failed = (code) => statusOf({ phase: "waiting", error: new PartylineError(code, "It is so.", "Do this."), right: "" });
  assert.deepEqual(failed("api.no-key"), [InstanceStatus.AuthenticationFailure, "It is so. Do this."]);
  assert.deepEqual(failed("client.unreachable")[0], InstanceStatus.ConnectionFailure);
  assert.deepEqual(failed("client.no-key")[0], InstanceStatus.BadConfig);
  assert.deepEqual(failed("client.not-partyline"), [InstanceStatus.BadConfig, "It is so. Do this. If it is partyline, it is too old: update it."]);
  assert.deepEqual(failed("something.new")[0], InstanceStatus.UnknownError);
  assert.deepEqual(statusOf({ phase: "connecting", error: null, right: "" })[0], InstanceStatus.Connecting);
  const connected = { phase: "connected", error: null, right: "control", api: "1.4.0" };
  assert.deepEqual(statusOf(connected), [InstanceStatus.Ok, null]);
  assert.equal(statusOf({ ...connected, right: "read" })[0], InstanceStatus.InsufficientPermissions);
  assert.deepEqual(statusOf({ ...connected, api: "2.0.0" })[0], InstanceStatus.UnknownError);
});

test("whatever was pasted as the address is understood", () => {
  const cases = [
    ["fe80::1", "http://[fe80::1]:9000"],
    ["[fe80::1]", "http://[fe80::1]:9000"],
    ["192.168.1.9", "http://192.168.1.9:9000"],
    ["studio-mini.local:8771", "http://studio-mini.local:8771"],
    ["http://127.0.0.1:8770/#key=x", "http://127.0.0.1:8770"],
    ["https://party.example/", "https://party.example:9000"],
    ["two words", "two words"],
  ];
  for (const [host, url] of cases) assert.equal(settingsOf({ host, port: 9000 }, {}).url, url);
});

test("settings have defaults, and the key is a secret", () => {
  assert.deepEqual(settingsOf({}, undefined), { url: "http://127.0.0.1:8770", key: "", levels: true, paceMs: 0 });
  assert.deepEqual(settingsOf({ host: " studio-mini.local ", port: 9000, levels: "slow" }, { key: " pl.a.b \n" }), {
    url: "http://studio-mini.local:9000", key: "pl.a.b", levels: true, paceMs: 450,
  }); // prettier-ignore
  assert.equal(settingsOf({ levels: "off" }, {}).levels, false);
  assert.equal(configFields().find(({ id }) => id === "key").type, "secret-text");
});
