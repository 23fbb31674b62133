// Where the API is. People paste what they have: an address of a page, a host and a port, a key with a line break.
import { PartylineError, errorOf } from "./errors.js";

export const PATH = "/api/v1";
export const SUBPROTOCOL = "partyline.v1";
export const DEFAULT_URL = "http://127.0.0.1:8770";
const KEY = /^[\w.~-]{1,200}$/; // what may stand in a WebSocket's subprotocol, of which a key is a part

/**
 * Return `http://host:port` of what was given. Throws a `PartylineError`.
 * @param {string} given
 */
export function baseOf(given) {
  const text = given.trim() || DEFAULT_URL;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    if (url.protocol === "http:" || url.protocol === "https:") return url.origin;
  } catch {
    // said below
  }
  throw new PartylineError("client.bad-address", "This is no address of partyline.", `Use for example ${DEFAULT_URL}.`);
}

/**
 * Return the key without what came with it from the clipboard. Throws a `PartylineError`.
 * @param {string} given
 */
export function keyOf(given) {
  const key = given.trim();
  if (KEY.test(key)) return key;
  const remedy = "Make one with `partyline api key add NAME` and paste it whole.";
  if (!key) throw new PartylineError("client.no-key", "The API key is missing.", remedy);
  throw new PartylineError("client.bad-key", "This is no API key.", remedy);
}

/** @param {string} base */
export const eventsUrl = (base) => `ws${base.slice("http".length)}${PATH}/events`;

/**
 * Ask by HTTP why the WebSocket did not open: a WebSocket does not tell its client. Return the reason.
 * @param {string} base
 * @param {string} key
 * @param {number} limitMs
 */
export async function whyRefused(base, key, limitMs) {
  let response;
  try {
    const headers = { Authorization: `Bearer ${key}` };
    response = await fetch(base + PATH, { headers, signal: AbortSignal.timeout(limitMs) });
  } catch {
    const remedy = "Start it with `partyline up`, or correct the address.";
    return new PartylineError("client.unreachable", `partyline does not answer at ${base}.`, remedy);
  }
  const body = /** @type {any} */ (await response.json().catch(() => null));
  if (response.ok && typeof body?.run === "string") {
    return new PartylineError("client.lost", "The connection to partyline was lost.", "It is tried again.");
  }
  if (body?.error) return errorOf(body.error);
  return new PartylineError("client.not-partyline", `What answers at ${base} is not partyline.`, "Correct the address.");
}
