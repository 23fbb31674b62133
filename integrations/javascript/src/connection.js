// One WebSocket's life, from the handshake to its end. It ends once, with the reason.
import { eventsUrl, SUBPROTOCOL, whyRefused } from "./address.js";
import { PartylineError, errorOf } from "./errors.js";

const OPEN_MS = 10_000; // from the handshake to the first frame; on a LAN it takes milliseconds
const QUIET_MS = 20_000; // without a frame from which on it is asked whether the other side is there, as the server does
const ANSWER_MS = 10_000; // for the answer to that
const MOST_UNDER_WAY = 24; // requests; the server closes a connection with more than 32

const lost = () => new PartylineError("client.lost", "The connection to partyline was lost.", "It is tried again.");

/**
 * @typedef {object} Door
 * @property {string} base
 * @property {string} key
 * @property {number} requestMs
 * @property {typeof WebSocket} WebSocket
 * @property {() => {topics: string[], members: string[], since?: {run: string, number: number}}} subscription
 * @property {(frame: import("./state.js").Frame) => void} onFrame
 */

/** @typedef {{resolve: (result: any) => void, reject: (error: Error) => void, timer: any}} Waiting */

export class Connection {
  #door;
  #socket;
  #id = 0;
  #greeted = false;
  #asking = false;
  #over = false;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** @type {(() => void)[]} requests that wait for others to be answered */
  #queue = [];
  /** @type {any} */
  #timer;
  /** @type {(error: PartylineError) => void} */
  #end = () => {};

  /** @param {Door} door */
  constructor(door) {
    this.#door = door;
    /** @type {Promise<PartylineError>} */
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { WebSocket, base, key } = door;
    this.#socket = new WebSocket(eventsUrl(base), [SUBPROTOCOL, `key.${key}`]);
    this.#socket.addEventListener("message", ({ data }) => this.#hear(data));
    this.#socket.addEventListener("error", () => {}); // `close` follows
    this.#socket.addEventListener("close", () => void this.#closed());
    this.#alarm(OPEN_MS, () => void this.#closed());
  }

  /** Subscribe anew, to what is wanted now. */
  subscribe() {
    if (this.#greeted) this.#send({ op: "subscribe", id: ++this.#id, ...this.#door.subscription() });
  }

  /**
   * @param {string} name
   * @param {Record<string, unknown>} fields
   * @returns {Promise<any>}
   */
  request(name, fields) {
    return new Promise((resolve, reject) => {
      const id = ++this.#id;
      const late = new PartylineError("client.timeout", `partyline did not answer ${name}.`, "See `partyline status`.");
      const timer = setTimeout(() => this.#settle(id)?.reject(late), this.#door.requestMs);
      this.#waiting.set(id, { resolve, reject, timer });
      const ask = () => this.#waiting.has(id) && this.#send({ op: "request", id, do: name, fields });
      if (this.#waiting.size > MOST_UNDER_WAY) this.#queue.push(ask);
      else ask();
    });
  }

  close() {
    this.#finish(new PartylineError("client.stopped", "The connection was ended.", ""));
  }

  // --- inside ------------------------------------------------------------------------------------

  /** @param {any} data */
  #hear(data) {
    if (this.#over || this.#asking) return;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      frame = null;
    }
    if (typeof frame?.op !== "string") {
      this.#finish(new PartylineError("client.not-partyline", `What answers at ${this.#door.base} is not partyline.`, "Correct the address."));
      return;
    }
    this.#alarm(QUIET_MS, () => this.#ask());
    if (frame.op === "hello") {
      this.#greeted = true;
      this.subscribe();
    }
    if (frame.op === "answer") this.#settle(frame.id)?.resolve(frame.result);
    else if (frame.op === "error") this.#refused(frame);
    else this.#door.onFrame(frame);
  }

  /** @param {{id: number, error?: unknown}} frame */
  #refused({ id, error }) {
    const waiting = this.#settle(id);
    if (waiting) waiting.reject(errorOf(error));
    else this.#finish(errorOf(error)); // of a subscription: it would be refused each time
  }

  /** Return who waits for the answer, who then waits no more. @param {number} id */
  #settle(id) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    this.#queue.shift()?.();
    return waiting;
  }

  /** Ask whether the other side is there: a subscription that goes on where it is is answered without a change. */
  #ask() {
    this.subscribe();
    this.#alarm(ANSWER_MS, () => this.#finish(lost()));
  }

  /** The socket closed, or did not open in time. A handshake that was refused is explained by HTTP. */
  async #closed() {
    if (this.#over || this.#asking) return;
    if (this.#greeted) {
      this.#finish(lost());
      return;
    }
    this.#asking = true;
    clearTimeout(this.#timer);
    this.#drop();
    this.#finish(await whyRefused(this.#door.base, this.#door.key, OPEN_MS));
  }

  /** @param {PartylineError} error */
  #finish(error) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const unsure = "The connection was lost before the answer came.";
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new PartylineError("client.lost", unsure, "Look whether it was done before you repeat it."));
    }
    this.#waiting.clear();
    this.#queue = [];
    this.#drop();
    this.#end(error);
  }

  /** A closing handshake would wait for a side that may not be there any more. */
  #drop() {
    const socket = /** @type {WebSocket & {terminate?: () => void}} */ (this.#socket);
    if (socket.terminate) socket.terminate();
    else socket.close();
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket.readyState === this.#door.WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {number} ms @param {() => void} ring */
  #alarm(ms, ring) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(ring, ms);
  }
}
