// The client for Node 20, whose own WebSocket is not stable. It is the `ws` package's here.
import WebSocket from "ws";
import { Partyline as Client } from "./src/client.js";

export * from "./index.js";

export class Partyline extends Client {
  /** @param {import("./src/client.js").Options} options */
  constructor(options) {
    super({ WebSocket: /** @type {any} */ (WebSocket), ...options });
  }
}

/**
 * @typedef {import("./src/talkers.js").Talker} Talker
 * @typedef {import("./src/client.js").Status} Status
 * @typedef {import("./src/client.js").Options} Options
 */
