// How lengths are written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clock } from "../src/look.js";

test("a length has hours from an hour on", () => {
  const cases = [[-1, "0:00"], [0, "0:00"], [59.9, "0:59"], [65, "1:05"], [3599.9, "59:59"], [3725.9, "1:02:05"], [36000, "10:00:00"]];
  for (const [seconds, words] of cases) assert.equal(clock(seconds), words);
});
