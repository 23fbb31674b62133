// A client that a test sets: its state by topic, and what was asked of it.
import { PartylineError } from "partyline-api";
import { Places, talkersOf } from "../../javascript/src/talkers.js";

export const AVA = { account_id: "1000", platform: "PS5", online_id: "Ava-Desk", is_me: true };
export const BO = { account_id: "3456789012345678901", platform: "PS5", online_id: "Bo-Streams" };
export const CY = { account_id: "3456789012345678902", platform: "PS4", online_id: "Cleo_99" };
export const peerOf = ({ account_id, platform }) => `${account_id}.${platform}`;

export class FakeClient {
  status = { phase: "connected", error: null, right: "control" };
  topics = new Map();
  asked = [];
  refusal = null;
  #places = new Places();

  constructor() {
    this.party(BO, CY);
  }

  party(...members) {
    this.topics.set("party.state/", { phase: "joined", name: "Friday raid", members: [AVA, ...members] });
    this.mix({}, members);
  }

  /** Let audio mix these. `of` are fields by peer key, `more` those of the mix. */
  mix(of = {}, members = [BO, CY], more = {}) {
    const talkers = members.map((one) => ({ peer: peerOf(one), gain_db: 0, muted: false, solo: false, hushed: false, ...of[peerOf(one)] }));
    this.topics.set("audio.mixer/", { gain_db: 0, own_account: "", outputs: [{ name: "main", muted: false }], talkers, ...more });
  }

  speak(who, speaking = true) {
    this.topics.set(`peer.speaking/${peerOf(who)}`, { speaking });
  }

  levels(talkers, mix = -20) {
    this.topics.set("audio.levels/", { talkers, mix });
  }

  topic(topic, key = "") {
    return this.topics.get(`${topic}/${key}`) ?? null;
  }

  get talkers() {
    return this.#places.seat(talkersOf(this.topics));
  }

  get masterGainDb() {
    return this.topic("audio.mixer").gain_db;
  }

  lose() {
    const error = new PartylineError("client.lost", "The connection to partyline was lost.", "It is tried again.");
    this.status = { phase: "waiting", error, right: "control" };
  }

  async request(name, fields = {}) {
    this.asked.push([name, fields]);
    if (this.refusal) throw this.refusal;
  }
}

for (const name of ["setMute", "setSolo", "setGain", "toggleMute", "toggleSolo", "adjustGain", "setMasterGain", "adjustMasterGain"]) {
  FakeClient.prototype[name] = async function (...args) {
    this.asked.push([name, ...args]);
    if (this.refusal) throw this.refusal;
  };
}
