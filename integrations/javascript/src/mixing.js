// What controllers do to the mix: values that are turned faster than they can be sent, switches, and the whole party.
import { PartylineError } from "./errors.js";

export const GAIN_DB = { least: -60, most: 20 }; // the schema's range of SetGain.gain_db (a test)
const PACE_MS = 60; // between two values of one fader: below the API's 20 requests a second for a key
const TOO_OFTEN_MS = 1000; // what the API asks to wait
const HOLDS_MS = 2000; // a mixer state comes each second, so the value is there by then

/**
 * @typedef {(name: string, fields: Record<string, unknown>) => Promise<any>} Ask
 * @typedef {object} Slot
 * @property {any} value
 * @property {boolean} stale whether `value` has not been sent yet
 * @property {Promise<void> | null} sending
 * @property {number} until when the value is not held any more
 */

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** Values that were asked for and are not in the state yet. Of many in a row only the newest is sent. */
export class Wishes {
  /**
   * @param {Ask} ask
   * @param {() => number} now milliseconds
   */
  constructor(ask, now = () => performance.now()) {
    this.ask = ask;
    this.now = now;
    /** @type {Map<string, Slot>} */
    this.slots = new Map();
  }

  /**
   * Return the value that was asked for last, or undefined if the state has it.
   * @param {string} name of the request
   * @param {string} peer
   */
  get(name, peer) {
    const slot = this.slots.get(`${name}/${peer}`);
    return slot && (slot.sending || this.now() < slot.until) ? slot.value : undefined;
  }

  /**
   * Ask for a value. Resolves when it, or a newer one, is set.
   * @param {string} name of the request
   * @param {string} peer "" for the whole mix
   * @param {string} field
   * @param {any} value
   */
  set(name, peer, field, value) {
    const id = `${name}/${peer}`;
    const slot = this.slots.get(id) ?? { value, stale: true, sending: null, until: 0 };
    slot.value = value;
    slot.stale = true;
    this.slots.set(id, slot);
    slot.sending ??= this.#send(slot, name, peer, field).finally(() => {
      slot.sending = null;
      if (slot.stale) this.slots.delete(id); // refused: the state is right, not the wish
    });
    return slot.sending;
  }

  /** A mixer state came, which has what was answered before. */
  onState() {
    for (const [id, slot] of this.slots) if (!slot.sending) this.slots.delete(id);
  }

  /**
   * @param {Slot} slot
   * @param {string} name
   * @param {string} peer
   * @param {string} field
   */
  async #send(slot, name, peer, field) {
    for (;;) {
      slot.stale = false;
      try {
        await this.ask(name, { ...(peer && { peer }), [field]: slot.value });
      } catch (error) {
        slot.stale = true;
        if (!(error instanceof PartylineError) || error.code !== "api.too-often") throw error;
        await sleep(TOO_OFTEN_MS);
      }
      slot.until = this.now() + HOLDS_MS;
      if (!slot.stale) return;
      await sleep(PACE_MS);
    }
  }
}

/** Mutes everybody, and later only those whom it muted: who was muted before stays so. */
export class PartyMute {
  /** @param {import("./client.js").Partyline} client */
  constructor(client) {
    this.client = client;
    /** @type {Set<string> | null} whom it muted, null before it did so */
    this.by = null;
  }

  /** Whether there is somebody and nobody is heard. Your own voice does not count: it is muted as a rule. */
  get muted() {
    const others = this.client.talkers.filter(({ yourself }) => !yourself);
    return others.length > 0 && others.every(({ muted }) => muted);
  }

  /** Mute everybody, or undo that. Return whether everybody is muted then. */
  async toggle() {
    const muted = !this.muted;
    await this.set(muted);
    return muted;
  }

  /** @param {boolean} muted */
  async set(muted) {
    const others = this.client.talkers.filter(({ yourself }) => !yourself);
    const before = this.by;
    const chosen = muted ? others.filter((one) => !one.muted) : others.filter(({ peer }) => !before || before.has(peer));
    if (muted) this.by = new Set(chosen.map(({ peer }) => peer));
    else this.by = null;
    const done = await Promise.allSettled(chosen.map(({ peer }) => this.client.setMute(peer, muted)));
    for (const one of done) if (one.status === "rejected") throw one.reason;
  }
}
