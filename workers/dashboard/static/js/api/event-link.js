// The WebSocket of the API: subscribes, comes back after an interruption, and asks for what it missed.
import { SOCKETS } from "../shared/link.js";

const FIRST_MS = 500;
const LONGEST_MS = 8000;
const BAD_KEY = 4401;

export class EventLink {
  /** `subscription` returns {topics, members}. States: "connecting", "open", "away", "refused", "ended". */
  constructor(key, subscription, { onFrame, onState }) {
    this.key = key;
    this.subscription = subscription;
    this.onFrame = onFrame;
    this.onState = onState;
    this.wait = FIRST_MS;
    this.since = null;
    this.run = "";
    this.count = 0;
    this.ended = false;
    this.open();
  }

  open() {
    this.onState("connecting");
    const socket = (this.socket = new WebSocket(`${SOCKETS}/api/v1/events`, ["partyline.v1", `key.${this.key}`]));
    socket.onopen = () => {
      this.onState("open");
      this.subscribe();
    };
    socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (this.ended) return;
      if (code === BAD_KEY) return this.onState("refused");
      this.onState("away");
      this.timer = setTimeout(() => this.open(), this.wait * (0.8 + Math.random() * 0.4));
      this.wait = Math.min(LONGEST_MS, this.wait * 1.7);
    };
  }

  /** Ask for what is chosen now. `anew`: for a snapshot, since what was missed would be of the choice before. */
  subscribe(anew = false) {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (anew) this.since = null;
    this.socket.send(JSON.stringify({ op: "subscribe", id: ++this.count, ...this.subscription(), ...(this.since ? { since: this.since } : {}) }));
  }

  take(frame) {
    this.wait = FIRST_MS;
    if (frame.run) this.run = frame.run;
    const seen = ["snapshot", "event"].includes(frame.op) && frame.number !== null; // a hello's number is of changes not seen yet
    if (seen) this.since = { run: this.run, number: frame.number };
    this.onFrame(frame);
  }

  end() {
    this.ended = true;
    clearTimeout(this.timer);
    this.socket.close();
    this.onState("ended");
  }
}
