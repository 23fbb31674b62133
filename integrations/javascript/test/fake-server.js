// A small partyline: the API's handshake, frames and refusals, as a test tells it.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

export const KEY = "pl.0badcafe.madeupmadeupmadeupmadeup";
export const BO = "1001.PS4";
export const CY = "1002.MOBILE_APP";

/** A state with two members besides us, both in the mix. */
export function partyOf(peers = [BO, CY], sessionId = "s-1") {
  const members = peers.map((peer) => ({ account_id: peer.split(".")[0], platform: peer.split(".")[1], online_id: `name-${peer.split(".")[0]}` }));
  const me = { account_id: "1000", platform: "MOBILE_APP", online_id: "me", is_me: true };
  return {
    "party.state/": { phase: "joined", session_id: sessionId, members: [me, ...members] },
    "audio.mixer/": { own_account: "1002", talkers: peers.map((peer) => ({ peer, gain_db: 0, muted: false, solo: false, hushed: false })) },
  };
}

export class FakeServer {
  run = "run-1";
  number = 10;
  topics = partyOf();
  key = KEY;
  right = "control";
  api = "1.0.0";
  /** @type {any[]} */
  heard = [];
  /** @type {(name: string, fields: any) => any} an Error's fields, or the result */
  answer = () => ({ message: "" });
  /** @type {{topic: string, message: any, number: number}[]} */
  kept = [];
  silent = false;
  sockets = new Set();

  async start(port = 0) {
    this.http = createServer((request, response) => this.#http(request, response));
    this.server = new WebSocketServer({ noServer: true, handleProtocols: () => "partyline.v1" });
    this.http.on("upgrade", (request, socket, head) => {
      const given = String(request.headers["sec-websocket-protocol"]).split(",").map((word) => word.trim());
      if (!given.includes(`key.${this.key}`)) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      this.server.handleUpgrade(request, socket, head, (one) => this.#serve(one));
    });
    await new Promise((listening) => this.http.listen(port, "127.0.0.1", listening));
    this.port = this.http.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    for (const socket of this.sockets) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((closed) => this.http.close(closed));
  }

  /** Let a topic change for everybody. */
  publish(topic, message) {
    const number = topic.startsWith("audio.levels") ? null : ++this.number;
    if (message === null) delete this.topics[topic];
    else this.topics[topic] = message;
    if (number) this.kept.push({ topic, message, number });
    for (const socket of this.sockets) this.#send(socket, { op: "event", number, topic, message });
  }

  #send(socket, frame) {
    if (!this.silent) socket.send(JSON.stringify(frame));
  }

  #http(request, response) {
    const fine = request.headers.authorization === `Bearer ${this.key}`;
    const refusal = { error: { code: "api.no-key", message: "This key is not valid.", remedy: "Make one." } };
    response.writeHead(fine ? 200 : 401, { "Content-Type": "application/json" });
    response.end(JSON.stringify(fine ? { op: "hello", run: this.run, number: this.number, right: this.right } : refusal));
  }

  #serve(socket) {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("message", (data) => this.#hear(socket, JSON.parse(data)));
    this.#send(socket, { op: "hello", api: this.api, right: this.right, also: [], run: this.run, number: this.number });
  }

  async #hear(socket, frame) {
    this.heard.push(frame);
    const { id } = frame;
    if (frame.op === "request") {
      const answer = await this.answer(frame.do, frame.fields);
      this.#send(socket, answer?.code ? { op: "error", id, error: answer } : { op: "answer", id, result: answer });
      return;
    }
    const missed = frame.since?.run === this.run ? this.kept.filter(({ number }) => number > frame.since.number) : null;
    this.#send(socket, { op: missed ? "resumed" : "snapshot", id, run: this.run, number: this.number, ...(missed ? {} : { topics: this.topics }) });
    for (const change of missed ?? []) this.#send(socket, { op: "event", ...change });
  }
}

/** Wait until something holds. */
export async function until(holds, what, limitMs = 20_000) {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}
