// Which picture of a face fits a level. Pure.
export const LOUDEST = 8; // LEVEL_STEPS in people.py

/** Return the speaking picture for a level: 0 is the quietest, -1 none of them (the mouth is shut). null is an unknown level. */
export function mouthAt(level, pictures) {
  if (level === null) return 0;
  if (level <= 0) return -1;
  return Math.min(pictures - 1, Math.floor(((level - 1) * pictures) / LOUDEST));
}

/** Return how far a face of this level jumps, 0 … 1. An unknown level counts as half. */
export function bounceAt(level) {
  return level === null ? 0.5 : Math.min(1, Math.max(0, level / LOUDEST));
}
