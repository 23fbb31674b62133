// What Elgato's own tool says of the plugin's folder, and that the code and the manifest name the same actions.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { dial, KEYS } from "../src/actions/index.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const own = mkdtempSync(join(tmpdir(), "deck-")); // others may build at the same time
const folder = join(own, "io.partyline-psn.streamdeck.sdPlugin");
const cli = join(dirname(createRequire(import.meta.url).resolve("@elgato/cli/package.json")), "bin", "streamdeck.mjs");
const run = (...words) => execFileSync(process.execPath, [cli, ...words, "--no-update-check"], { cwd: root, encoding: "utf8" });

before(() => {
  cpSync(join(root, "io.partyline-psn.streamdeck.sdPlugin"), folder, { recursive: true, filter: (path) => !/[\\/](bin|logs)$/.test(path) });
  execFileSync(process.execPath, [join(root, "scripts", "build.js"), folder]);
});
after(() => rmSync(own, { recursive: true }));

test("each action of the manifest is in the code, and no other", () => {
  const { Actions } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  assert.deepEqual(Actions.map(({ UUID }) => UUID).sort(), [...KEYS, dial].map(({ uuid }) => uuid).sort());
});

test("a key of two states has both in the manifest", () => {
  const { Actions } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const two = Actions.filter(({ States }) => States.length === 2).map(({ UUID }) => UUID.split(".").pop());
  assert.deepEqual(two.sort(), ["mute", "party-mute", "record", "solo"]);
});

test("Elgato's tool finds nothing, and packs it", () => {
  assert.match(run("validate", folder), /successful/);
  run("pack", folder, "--output", join(own, "packed"), "--no-file-list");
  assert.deepEqual(readdirSync(join(own, "packed")), ["io.partyline-psn.streamdeck.streamDeckPlugin"]);
});
