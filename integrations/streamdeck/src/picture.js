// Keys as SVG, 144 by 144. Each state has a shape or a word of its own beside its colour. Only what Qt's SVG can do is used.
import { COLOURS, QUIETEST_DB } from "partyline-api";

const INK = "#ffffff";
const PAPER = "#14181d";
const { speaks: SPEAKS, muted: MUTED, solo: SOLO, records: RECORDS } = COLOURS;
const FONT = "Arial, Helvetica, sans-serif";

export const STEPS = 8; // of the level
const STEP_DB = 6;

/** @typedef {"mic" | "solo" | "plus" | "minus" | "record" | "mark" | "clip" | "party" | "speaker" | "warning"} Glyph */

/**
 * @typedef {object} Picture
 * @property {Glyph} glyph
 * @property {string} [name] of a person
 * @property {string[]} [lines] words instead of a name
 * @property {string} [note] one or two words at the bottom
 * @property {boolean} [crossed] the glyph is crossed out: not heard
 * @property {boolean} [waves] speaks: waves beside the glyph, and a frame
 * @property {boolean} [lit] is on: the glyph is filled
 * @property {number} [level] 0 … 8 steps
 */

/** @param {number} db peak in dBFS */
export const stepsOf = (db) => Math.max(0, Math.min(STEPS, Math.round((db - QUIETEST_DB) / STEP_DB)));

/** @param {Picture} picture */
export function svg(picture) {
  const { glyph, crossed = false, waves = false, lit = false, level, note = "" } = picture;
  const colour = crossed ? MUTED : waves ? SPEAKS : lit ? (glyph === "solo" ? SOLO : RECORDS) : INK;
  const lines = picture.name === undefined ? (picture.lines ?? []).map((line) => cut(line, 11)) : named(picture.name);
  const scale = lines.length > 1 ? 0.8 : 1; // room for a second line
  const parts = [
    `<rect x="0" y="0" width="144" height="144" fill="${PAPER}"/>`,
    waves ? `<rect x="4" y="4" width="136" height="136" rx="14" fill="none" stroke="${SPEAKS}" stroke-width="8"/>` : "",
    `<g transform="translate(${72 - 72 * scale} ${scale < 1 ? 2 : 0}) scale(${scale})" fill="none" stroke-linecap="round" stroke-linejoin="round">`,
    `<g stroke="${colour}" fill="${lit ? colour : "none"}" stroke-width="6">${GLYPHS[glyph]}</g>`,
    waves ? `<g stroke="${SPEAKS}" stroke-width="5">${WAVES}</g>` : "",
    crossed ? CROSS : "",
    "</g>",
    level === undefined ? "" : meter(level),
    texts(lines),
    note ? text(note, 133, 17, crossed ? MUTED : waves ? SPEAKS : lit ? colour : "#c8ccd2") : "",
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="144" height="144" viewBox="0 0 144 144">${parts.join("")}</svg>`;
}

/** @param {Picture} picture */
export const image = (picture) => `data:image/svg+xml;base64,${Buffer.from(svg(picture)).toString("base64")}`;

/** @type {Record<Glyph, string>} drawn around (72, 40), 56 high */
const GLYPHS = {
  mic: `<rect x="61" y="12" width="22" height="34" rx="11"/><path d="M50 36 v3 a22 22 0 0 0 44 0 v-3" fill="none"/><path d="M72 61 v8 M60 69 h24"/>`,
  solo: `<path d="M72 12 L80 32 L101 33 L85 46 L90 67 L72 56 L54 67 L59 46 L43 33 L64 32 Z"/>`,
  plus: `<path d="M72 18 v46 M49 41 h46"/>`,
  minus: `<path d="M49 41 h46"/>`,
  record: `<circle cx="72" cy="40" r="25"/>`,
  mark: `<path d="M54 70 V14 h38 l-10 14 l10 14 H54"/>`,
  clip: `<path d="M46 22 h52 v38 h-52 Z M64 32 l18 9 l-18 9 Z"/>`,
  party: `<circle cx="56" cy="26" r="11"/><circle cx="90" cy="26" r="11"/><path d="M38 64 a18 18 0 0 1 36 0 M72 64 a18 18 0 0 1 36 0"/>`,
  speaker: `<path d="M52 32 h12 l18 -16 v50 l-18 -16 h-12 Z"/>`,
  warning: `<path d="M72 14 L100 64 H44 Z"/><path d="M72 32 v14 M72 55 v1"/>`,
};
const WAVES = `<path d="M38 24 a26 26 0 0 0 0 32 M106 24 a26 26 0 0 1 0 32"/>`;
const CROSS =
  `<path d="M44 12 L100 70" stroke="${PAPER}" stroke-width="14"/><path d="M44 12 L100 70" stroke="${MUTED}" stroke-width="7"/>`;

/** A level is told by how many boxes are full. @param {number} level */
function meter(level) {
  const boxes = Array.from({ length: STEPS }, (_, step) => {
    const full = step < level;
    return `<rect x="12" y="${60 - step * 7}" width="10" height="4" fill="${full ? INK : "none"}" stroke="${full ? INK : "#5b636d"}" stroke-width="1"/>`;
  });
  return boxes.join("");
}

/** @param {string} line @param {number} y @param {number} size @param {string} [colour] */
const text = (line, y, size, colour = INK) =>
  `<text x="72" y="${y}" font-family="${FONT}" font-size="${size}" font-weight="bold" text-anchor="middle" fill="${colour}">${escaped(line)}</text>`;

/** @param {string[]} lines */
function texts(lines) {
  const longest = Math.max(0, ...lines.map((line) => [...line].length));
  const size = lines.length === 1 ? (longest <= 7 ? 30 : longest <= 9 ? 24 : 20) : longest <= 9 ? 22 : 20;
  const first = lines.length === 1 ? 106 : 82;
  return lines.map((line, index) => text(line, first + index * 22, size)).join("");
}

/** Return a name in one or two lines, divided where its owner did so, if that fits. @param {string} name */
export function named(name) {
  const letters = [...name];
  if (letters.length <= 10) return [name];
  const places = letters.map((letter, index) => ({ index, letter })).filter(({ index }) => index > 1 && index <= 10 && letters.length - index <= 10);
  const best = places.find(({ index }) => /[-_. ]/.test(letters[index - 1])) ?? places.find(({ letter }) => /\p{Lu}/u.test(letter));
  const at = best?.index ?? Math.min(10, Math.ceil(letters.length / 2));
  return [letters.slice(0, at).join(""), cut(letters.slice(at).join(""), 10)];
}

/** @param {string} line @param {number} most */
const cut = (line, most) => ([...line].length > most ? `${[...line].slice(0, most - 1).join("")}…` : line);

/** Return text for XML: what XML cannot hold is left out. @param {string} line */
const escaped = (line) =>
  line
    .replace(/[^\t\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
