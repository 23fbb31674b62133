// Styles of buttons that show something.
import { combineRgb } from "@companion-module/base";
import { COLOURS } from "partyline-api";

export const WHITE = combineRgb(255, 255, 255);
export const BLACK = combineRgb(0, 0, 0);

/** Return a colour as Companion has it. @param {string} hex as #56b4e9 */
export const number = (hex) => parseInt(hex.slice(1), 16);

const style = (/** @type {string} */ hex) => ({ bgcolor: number(hex), color: BLACK });

/** One for each colour of all controllers, and grey for who is not heard. */
export const STYLES = {
  speaks: style(COLOURS.speaks),
  muted: style(COLOURS.muted),
  solo: style(COLOURS.solo),
  records: style(COLOURS.records),
  ready: style(COLOURS.ready),
  silent: { bgcolor: combineRgb(70, 74, 80), color: WHITE },
};
