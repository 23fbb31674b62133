// What is wrong, in words that fit on a key. The whole sentence and its remedy stand in the inspector and in the log.

/** @type {Record<string, string[]>} */
const SHORT = {
  "client.unreachable": ["partyline", "is not", "running"],
  "client.not-partyline": ["wrong", "address"],
  "client.bad-address": ["wrong", "address"],
  "client.no-key": ["API key", "missing"],
  "client.bad-key": ["API key", "is wrong"],
  "api.no-key": ["API key", "refused"],
  "api.not-allowed": ["key may", "not do", "this"],
  "api.too-often": ["too often", "wait a", "moment"],
  "bus.unreachable": ["no answer"],
};

/**
 * Return the words for an error.
 * @param {{code?: string} | null | undefined} error
 */
export const wordsOf = (error) => SHORT[error?.code ?? ""] ?? ["refused", "see", "settings"];

/**
 * Return the words for a connection that is not there, or null if it is.
 * @param {import("partyline-api").Status} status
 */
export function wordsOfStatus({ phase, error }) {
  if (phase === "connected") return null;
  if (error?.code === "client.lost" || !error) return ["connecting"];
  return wordsOf(error);
}
