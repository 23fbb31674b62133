// A WebSocket that reconnects. States: "connecting", "open", "away", "refused" (a new key is needed).
const FIRST_MS = 300;
const LONGEST_MS = 4000;
const REFUSED = new Set([4401, 4403]);

export const SOCKETS = location.protocol === "https:" ? `wss://${location.host}` : `ws://${location.host}`;

export class Link {
  constructor(path, key, { onMessage, onState, binary = false }) {
    this.url = `${SOCKETS}${path}`;
    this.key = key;
    this.onMessage = onMessage;
    this.onState = onState;
    this.binary = binary;
    this.wait = FIRST_MS;
    this.open();
  }

  open() {
    this.onState("connecting");
    let socket;
    try {
      socket = new WebSocket(this.url, ["partyline", `key.${this.key}`]);
    } catch {
      this.onState("refused"); // not a valid key
      return;
    }
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.onState("open");
    socket.onmessage = ({ data }) => {
      this.wait = FIRST_MS;
      this.onMessage(this.binary ? data : JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (REFUSED.has(code)) {
        this.onState("refused");
        return;
      }
      this.onState("away");
      setTimeout(() => this.open(), this.wait * (0.8 + Math.random() * 0.4));
      this.wait = Math.min(LONGEST_MS, this.wait * 1.7);
    };
  }

  /** Send, or return false if there is no connection. */
  send(value) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(value));
    return true;
  }
}
