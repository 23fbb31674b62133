// How controllers show what they know: colours, the quietest level that is drawn, and the length of a recording.

/** Okabe and Ito's colours, which differ for colour-blind people too. Black is readable on each. */
export const COLOURS = { speaks: "#56b4e9", muted: "#e69f00", solo: "#f0e442", records: "#ff6b3d", ready: "#009e73" };

export const QUIETEST_DB = -54; // below it nothing is drawn. The dashboard's meters begin there too

/** Return a length as 1:05, or 1:02:05 from an hour on. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
