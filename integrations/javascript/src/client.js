// A client of partyline's API: connected for as long as it runs, whatever happens to partyline meanwhile.
import { baseOf, DEFAULT_URL, keyOf } from "./address.js";
import { Connection } from "./connection.js";
import { PartylineError } from "./errors.js";
import { GAIN_DB, Wishes } from "./mixing.js";
import { TopicState } from "./state.js";
import { Places, talkersOf } from "./talkers.js";

const WAITS_MS = [500, 1000, 2000, 4000, 8000]; // a restart of the dashboard takes 2 s
const MOST_WAITS_MS = 15_000; // partyline is started by hand: nobody waits longer for a button
const SPREAD = 0.2; // so that several clients do not come back at once

/**
 * @typedef {object} Options
 * @property {string} [url] default `http://127.0.0.1:8770`
 * @property {string} key made by `partyline api key add NAME`
 * @property {string[]} [topics] empty: all but `audio.levels`
 * @property {string[]} [members] account ids or peer keys; empty: everybody
 * @property {typeof WebSocket} [WebSocket] default: the global one
 * @property {number} [requestMs] limit of a request; the server waits 60 s for a worker
 */

/**
 * @typedef {object} Status
 * @property {"stopped" | "connecting" | "connected" | "waiting"} phase `waiting`: for the next try
 * @property {PartylineError | null} error why it is not connected
 * @property {string} right of the key, "" before the first connection
 * @property {string} [api] version of the API, likewise
 */

export class ChangeEvent extends Event {
  /**
   * @param {string} topic with its key
   * @param {any} message null: it is gone
   */
  constructor(topic, message) {
    super("change");
    this.topic = topic;
    this.message = message;
  }
}

/** Dispatches `status` and `change` (a `ChangeEvent` for each topic), and `update` once after all changes of a frame. */
export class Partyline extends EventTarget {
  #options;
  #state = new TopicState();
  #places = new Places();
  #wishes = new Wishes((name, fields) => this.request(name, fields));
  /** @type {Connection | null} */
  #connection = null;
  /** @type {AbortController | null} */
  #running = null;
  #tries = 0;
  /** @type {Status} */
  #status = { phase: "stopped", error: null, right: "", api: "" };
  /** @type {import("./talkers.js").Talker[] | null} */
  #talkers = null;

  /** @param {Options} options */
  constructor(options) {
    super();
    if (!(options.WebSocket ?? globalThis.WebSocket)) throw new TypeError("There is no WebSocket here: pass one as an option.");
    this.#options = { url: DEFAULT_URL, topics: [], members: [], WebSocket: globalThis.WebSocket, requestMs: 75_000, ...options };
  }

  /** @returns {Status} */
  get status() {
    return this.#status;
  }

  /** Topic with its key → its last message. After a connection was lost they stay as they were. */
  get topics() {
    return this.#state.topics;
  }

  /** @param {string} topic @param {string} [key] */
  topic(topic, key = "") {
    return this.#state.topics.get(`${topic}/${key}`) ?? null;
  }

  /** Everybody else in the party, by place. */
  get talkers() {
    this.#talkers ??= this.#places.seat(talkersOf(this.topics));
    return this.#talkers.map((talker) => ({ ...talker, gainDb: this.#wishes.get("SetGain", talker.peer) ?? talker.gainDb }));
  }

  /** Connect, and stay connected until `stop`. */
  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#connection?.close();
    this.#tell("stopped", null);
  }

  /**
   * Subscribe to other topics or members from now on. A snapshot of them follows.
   * @param {{topics?: string[], members?: string[]}} wanted
   */
  subscribe({ topics = [], members = [] }) {
    const same = String(topics) === String(this.#options.topics) && String(members) === String(this.#options.members);
    if (same) return;
    Object.assign(this.#options, { topics, members });
    this.#state.rewind();
    this.#connection?.subscribe();
  }

  /**
   * Make a request, as `request("SetMute", { peer, muted: true })`. Return its result. Throws a `PartylineError`.
   * @param {string} name
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>}
   */
  async request(name, fields = {}) {
    if (this.#status.phase === "connected" && this.#connection) return this.#connection.request(name, fields);
    throw this.#status.error ?? new PartylineError("client.not-connected", "There is no connection to partyline yet.", "Try again.");
  }

  /** @param {string} peer @param {boolean} muted @returns {Promise<void>} */
  setMute(peer, muted) {
    return this.#wishes.set("SetMute", peer, "muted", muted);
  }

  /** @param {string} peer @param {boolean} solo @returns {Promise<void>} */
  setSolo(peer, solo) {
    return this.#wishes.set("SetSolo", peer, "solo", solo);
  }

  /** @param {string} peer @param {number} gainDb @returns {Promise<void>} */
  setGain(peer, gainDb) {
    return this.#turn("SetGain", peer, gainDb);
  }

  /** @param {string} peer */
  toggleMute(peer) {
    return this.setMute(peer, !(this.#wishes.get("SetMute", peer) ?? this.#talker(peer)?.muted));
  }

  /** @param {string} peer */
  toggleSolo(peer) {
    return this.setSolo(peer, !(this.#wishes.get("SetSolo", peer) ?? this.#talker(peer)?.solo));
  }

  /** @param {string} peer @param {number} byDb */
  adjustGain(peer, byDb) {
    return this.setGain(peer, (this.#talker(peer)?.gainDb ?? 0) + byDb);
  }

  /** Gain of the whole mix. */
  get masterGainDb() {
    return this.#wishes.get("SetMaster", "") ?? this.topic("audio.mixer")?.gain_db ?? 0;
  }

  /** @param {number} gainDb @returns {Promise<void>} */
  setMasterGain(gainDb) {
    return this.#turn("SetMaster", "", gainDb);
  }

  /** @param {number} byDb */
  adjustMasterGain(byDb) {
    return this.setMasterGain(this.masterGainDb + byDb);
  }

  // --- inside ------------------------------------------------------------------------------------

  /** @param {string} name @param {string} peer @param {number} gainDb */
  #turn(name, peer, gainDb) {
    const within = Math.min(GAIN_DB.most, Math.max(GAIN_DB.least, gainDb));
    const done = this.#wishes.set(name, peer, "gain_db", within);
    this.dispatchEvent(new Event("update"));
    return done;
  }

  /** @param {string} peer */
  #talker(peer) {
    return this.talkers.find((one) => one.peer === peer);
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    while (!signal.aborted) {
      const error = await this.#connect(signal);
      if (signal.aborted) return;
      this.#tell("waiting", error);
      const wait = WAITS_MS[this.#tries++] ?? MOST_WAITS_MS;
      await slept(wait * (1 - SPREAD * Math.random()), signal);
    }
  }

  /** @param {AbortSignal} signal @returns {Promise<PartylineError>} why it ended */
  async #connect(signal) {
    const { url, key, requestMs } = this.#options;
    let base;
    let valid;
    try {
      base = baseOf(url ?? "");
      valid = keyOf(key);
    } catch (error) {
      return /** @type {PartylineError} */ (error);
    }
    if (this.#status.phase !== "waiting") this.#tell("connecting", null); // while it waits, the reason stays readable
    const connection = new Connection({
      base,
      key: valid,
      requestMs: requestMs ?? 0,
      WebSocket: /** @type {typeof WebSocket} */ (this.#options.WebSocket),
      subscription: () => ({ topics: this.#options.topics ?? [], members: this.#options.members ?? [], since: this.#state.since }),
      onFrame: (frame) => !signal.aborted && this.#take(frame),
    });
    this.#connection = connection;
    const error = await connection.ended;
    if (this.#connection === connection) this.#connection = null;
    return error;
  }

  /** @param {import("./state.js").Frame} frame */
  #take(frame) {
    if (frame.op === "hello") {
      this.#status = { ...this.#status, right: frame.right, api: frame.api };
      return;
    }
    const changes = this.#state.take(frame);
    this.#talkers = null;
    if (frame.op === "snapshot" || frame.op === "resumed") {
      this.#tries = 0;
      if (this.#status.phase !== "connected") this.#tell("connected", null);
    }
    if (changes.some(({ topic }) => topic === "audio.mixer/")) this.#wishes.onState();
    for (const { topic, message } of changes) this.dispatchEvent(new ChangeEvent(topic, message));
    if (changes.length) this.dispatchEvent(new Event("update"));
  }

  /** @param {Status["phase"]} phase @param {PartylineError | null} error */
  #tell(phase, error) {
    this.#status = { ...this.#status, phase, error };
    this.dispatchEvent(new Event("status"));
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function slept(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
