// The connection to partyline, as the global settings say, and what the keys need to know of it.
import { Loudest, Partyline, PartylineError, PartyMute } from "partyline-api";

const TOPICS = ["party.state", "peer.state", "peer.speaking", "audio.mixer", "recording", "clip"];
const LEVELS = "audio.levels";
/** @type {import("partyline-api").Status} */
const NO_KEY = { phase: "stopped", right: "", error: new PartylineError("client.no-key", "The API key is missing.", "Enter it in a key's settings.") };

/** @typedef {{url?: string, key?: string}} GlobalSettings */

export class Link {
  /**
   * @param {() => void} onChange
   * @param {(status: import("partyline-api").Status) => void} onStatus
   */
  constructor(onChange, onStatus) {
    this.onChange = onChange;
    this.onStatus = onStatus;
    /** @type {Partyline | null} */
    this.client = null;
    /** @type {PartyMute | null} */
    this.party = null;
    this.loudest = new Loudest();
    this.known = "";
    this.levels = false;
  }

  /** @returns {import("partyline-api").Status} */
  get status() {
    return this.client?.status ?? NO_KEY;
  }

  /** Connect as the settings say. The same settings change nothing. @param {GlobalSettings} settings */
  use({ url = "", key = "" }) {
    const known = JSON.stringify([url, key]);
    if (known === this.known) return;
    this.known = known;
    this.client?.stop();
    const client = new Partyline({ url, key, topics: this.#topics() });
    client.addEventListener("update", () => this.client === client && this.onChange());
    client.addEventListener("status", () => {
      if (this.client !== client) return;
      this.onStatus(client.status);
      this.onChange();
    });
    this.client = client;
    this.party = new PartyMute(client);
    client.start();
  }

  /** Subscribe to levels only while a key shows them. @param {boolean} wanted */
  wantLevels(wanted) {
    if (wanted === this.levels) return;
    this.levels = wanted;
    this.client?.subscribe({ topics: this.#topics() });
  }

  /** @returns {import("./actions/shared.js").Model | null} */
  model() {
    const { client, party } = this;
    if (!client || !party) return null;
    const talkers = client.talkers;
    return {
      client,
      party,
      talkers,
      joined: client.topic("party.state")?.phase === "joined",
      recording: client.topic("recording"),
      clip: client.topic("clip"),
      loudest: this.loudest.hear(talkers, performance.now()),
    };
  }

  #topics() {
    return this.levels ? [...TOPICS, LEVELS] : TOPICS;
  }
}
