// Sound by WebRTC, which browsers play on a page by plain HTTP too. It reconnects by itself.
// States: "connecting", "open", "away", "refused" (a new link is needed), with the server's words where it gave some.
import { ownCertificate } from "./certificate.js";
import { wideOffer } from "./way.js";

const PATH = "/api/v1/whep";
const FIRST_MS = 300;
const LONGEST_MS = 2000;
const ANSWER_MS = 6000;
const CONNECT_MS = 5000;
const LOOK_MS = 250;
const SILENT_MS = 2000; // packets come each 20 ms, also in silence. Longer than the outages that a connection survives

export class WebRtcSound {
  /** `bearer` is a key, a ticket or "". `onFigures` gets the player's figures once a second. */
  constructor({ talker, bearer, bufferMs, onState, onFigures, onTrack }) {
    this.path = talker ? `${PATH}?talker=${encodeURIComponent(talker)}` : PATH;
    this.bearer = bearer;
    this.bufferMs = bufferMs;
    this.onState = onState;
    this.onFigures = onFigures;
    this.onTrack = onTrack;
    this.wait = FIRST_MS;
    this.connection = null;
    this.resource = "";
    addEventListener("pagehide", () => this.leave());
    this.run();
  }

  async run() {
    for (;;) {
      this.onState("connecting");
      try {
        await this.connect();
        await this.listen();
        this.onState("away");
      } catch (error) {
        if (error.refused) {
          this.end();
          this.onState("refused", error.message);
          return;
        }
        this.onState("away", error.told ? error.message : "");
      }
      this.leave();
      await pause(this.wait * (0.8 + Math.random() * 0.4));
      this.wait = Math.min(LONGEST_MS, this.wait * 1.7);
    }
  }

  async connect() {
    const certificate = await ownCertificate();
    const connection = new RTCPeerConnection({ iceServers: [], certificates: [certificate] });
    this.connection = connection;
    const { receiver } = connection.addTransceiver("audio", { direction: "recvonly" });
    this.receiver = receiver;
    connection.ontrack = ({ track }) => this.onTrack(new MediaStream([track]));
    const offer = await connection.createOffer();
    await connection.setLocalDescription({ type: "offer", sdp: wideOffer(offer.sdp) });
    const answer = await this.ask(connection.localDescription.sdp);
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
    this.shorten(receiver);
    await this.connected(connection);
  }

  async ask(sdp) {
    const headers = { "Content-Type": "application/sdp" };
    if (this.bearer) headers.Authorization = `Bearer ${this.bearer}`;
    const answer = await fetch(this.path, { method: "POST", headers, body: sdp, signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.status === 201) {
      this.resource = answer.headers.get("Location") ?? "";
      return answer.text();
    }
    const { error } = await answer.json();
    const told = Object.assign(new Error(`${error.message} ${error.remedy}`), { told: true });
    throw Object.assign(told, { refused: answer.status === 401 || answer.status === 403 });
  }

  /** Let the browser's jitter buffer be as short as the network allows, or as long as the address asks. */
  shorten(receiver) {
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = this.bufferMs;
    else receiver.playoutDelayHint = this.bufferMs / 1000;
  }

  async connected(connection) {
    const until = performance.now() + CONNECT_MS;
    while (connection.connectionState !== "connected") {
      if (connection.connectionState === "failed" || performance.now() > until) {
        throw Object.assign(new Error("partyline answers, but its sound does not get through. A firewall there may stop UDP."), { told: true });
      }
      await pause(LOOK_MS / 10);
    }
  }

  /** Return when no packet has come for a while. */
  async listen() {
    let packets = -1;
    let heard = performance.now();
    let told = 0;
    let before = null;
    for (;;) {
      const found = await this.received();
      const now = performance.now();
      if (found && found.packetsReceived > packets) {
        if (packets <= 0 && found.packetsReceived > 0) {
          this.wait = FIRST_MS;
          this.onState("open");
        }
        packets = found.packetsReceived;
        heard = now;
      }
      const gone = ["closed", "failed"].includes(this.connection.connectionState) || this.receiver.transport?.state === "closed";
      if (gone || now - heard > SILENT_MS) return;
      if (found && now - told > 1000) {
        told = now;
        this.onFigures(figures(found, before));
        before = found;
      }
      await pause(LOOK_MS);
    }
  }

  async received() {
    const stats = await this.connection.getStats();
    return [...stats.values()].find((one) => one.type === "inbound-rtp" && one.kind === "audio");
  }

  /** Tell partyline that this page stops listening, so that it need not find out. */
  leave() {
    this.end();
    if (this.resource) fetch(this.resource, { method: "DELETE", keepalive: true }).catch(() => null);
    this.resource = "";
  }

  end() {
    this.connection?.close();
    this.connection = null;
  }
}

/** Return what a page shows, of the browser's figures and those a second before. */
function figures(now, before) {
  const emitted = now.jitterBufferEmittedCount - (before?.jitterBufferEmittedCount ?? 0);
  const delay = now.jitterBufferDelay - (before?.jitterBufferDelay ?? 0);
  return {
    playing: emitted > 0,
    fill_ms: emitted > 0 ? Math.round((delay / emitted) * 10000) / 10 : 0,
    lost: now.packetsLost,
    concealed_ms: Math.round((now.concealedSamples - now.silentConcealedSamples) / 48),
  };
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
