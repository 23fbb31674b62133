// The picture of a level: a bar at the right edge of a button, green, yellow and red. And the colour of a whole button by its level.
import { COLOURS, QUIETEST_DB } from "partyline-api";
import { BLACK, number } from "./colours.js";

const LOUD_DB = -18; // EBU R 68: alignment level
const PEAK_DB = -9; // EBU R 68: permitted maximum level
const WIDTH = 8; // of 72 pixels, so that a name fits beside it

const UNLIT = "#262a30";
const GREY = "#6e7681";

/** Return the share of a meter for a level in dBFS: 0 at `QUIETEST_DB` and below, 1 at full scale. @param {number} level */
export function share(level) {
  return Math.max(0, Math.min(1, (level - QUIETEST_DB) / -QUIETEST_DB));
}

/** @param {number} level */
function colourOf(level) {
  if (level >= PEAK_DB) return COLOURS.records;
  return level >= LOUD_DB ? COLOURS.solo : COLOURS.ready;
}

/** Return the style of a button that is coloured by a level, nothing for silence. @param {number} level */
export function levelStyle(level) {
  if (level <= QUIETEST_DB) return {};
  return { bgcolor: number(colourOf(level)), color: BLACK };
}

/** @type {Map<string, string>} "height lit heard" → pixels. A few hundred at most: one for each height of the bar */
const drawn = new Map();

/**
 * Return the part of a button's picture that shows a level.
 * @param {number} level dBFS
 * @param {boolean} heard false for who is not heard in the mix: the bar is grey then
 * @param {{width: number, height: number} | undefined} image size of the button, undefined where a button takes no picture
 * @returns {import("@companion-module/base").CompanionAdvancedFeedbackResult}
 */
export function meterStyle(level, heard, image) {
  if (!image) return levelStyle(heard ? level : QUIETEST_DB);
  const { width, height } = image;
  const lit = Math.round(share(level) * height);
  const key = `${height} ${lit} ${heard}`;
  if (!drawn.has(key)) drawn.set(key, bar(height, lit, heard));
  return {
    imageBuffer: drawn.get(key),
    imageBufferEncoding: { pixelFormat: "RGB" },
    imageBufferPosition: { x: width - WIDTH, y: 0, width: WIDTH, height },
  };
}

/** @param {number} height @param {number} lit @param {boolean} heard */
function bar(height, lit, heard) {
  const pixels = Buffer.alloc(WIDTH * height * 3);
  for (let row = 0; row < height; row++) {
    const fromBelow = height - row;
    const level = QUIETEST_DB * (1 - fromBelow / height);
    const colour = fromBelow > lit ? UNLIT : heard ? colourOf(level) : GREY;
    for (let column = 0; column < WIDTH; column++) pixels.writeUIntBE(number(colour), (row * WIDTH + column) * 3, 3);
  }
  return pixels.toString("base64");
}
