// Draws the icons of the manifest from the keys' own glyphs. Run again when a glyph changes: `npm run icons -w streamdeck`.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import { svg } from "../src/picture.js";

const images = fileURLToPath(new URL("../io.partyline-psn.streamdeck.sdPlugin/imgs/", import.meta.url));
const GLYPHS = { mute: "mic", solo: "solo", plus: "plus", minus: "minus", dial: "mic", record: "record", mark: "mark", clip: "clip", party: "party", speaker: "speaker" };

/** A glyph alone, without the key's background. Stream Deck wants lists' icons white on nothing. */
const alone = (glyph, size) =>
  svg({ glyph })
    .replace(/<rect x="0" y="0" width="144" height="144"[^>]*>/, "")
    .replace('width="144" height="144" viewBox="0 0 144 144"', `width="${size}" height="${size}" viewBox="30 -2 84 84"`);

mkdirSync(`${images}actions`, { recursive: true });
mkdirSync(`${images}plugin`, { recursive: true });
for (const [name, glyph] of Object.entries(GLYPHS)) writeFileSync(`${images}actions/${name}.svg`, `${alone(glyph, 20)}\n`);
writeFileSync(`${images}plugin/category.svg`, `${alone("party", 28)}\n`);
writeFileSync(`${images}actions/key.svg`, `${svg({ glyph: "party", lines: ["partyline"] })}\n`);
const plugin = svg({ glyph: "party", lines: ["partyline"] });
for (const [suffix, width] of [["", 256], ["@2x", 512]]) {
  const png = new Resvg(plugin, { fitTo: { mode: "width", value: width }, font: { defaultFontFamily: "DejaVu Sans" } }).render().asPng();
  writeFileSync(`${images}plugin/plugin${suffix}.png`, png);
}
