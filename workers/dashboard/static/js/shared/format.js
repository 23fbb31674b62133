// Numbers for people.
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} days`;
}

export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  return `${s >= 3600 ? `${Math.floor(s / 3600)}:` : ""}${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
}

export function bytes(count) {
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`;
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

export const db = (value) => (value === 0 ? "0 dB" : `${value > 0 ? "+" : "−"}${Math.abs(value)} dB`);
export const ms = (value) => `${Math.round(value)} ms`;
export const percent = (share) => `${(share * 100).toFixed(share && share < 0.1 ? 1 : 0)} %`;
export const counted = (count, thing) => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** The level of a talker without a level message, below every meter. */
export const SILENCE_DB = -Infinity;

/** Return the share of a meter for dBFS. -54 dB and less is 0, full scale is 1. */
export const meter = (level) => Math.max(0, Math.min(1, (level + 54) / 54));

const symbol = (name) => {
  const first = [...new Intl.Segmenter().segment(name)].find(({ segment }) => /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment));
  return first?.segment ?? "?";
};

/** Return what stands for a member without a picture: two letters, or a symbol of a name without letters. */
export function initials(name) {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean).map((part) => [...part]); // by letters, not by halves of them
  const letters = parts.length > 1 ? [parts[0][0], parts[1][0]] : (parts[0] ?? [symbol(name)]).slice(0, 2);
  return letters.join("").toUpperCase();
}
