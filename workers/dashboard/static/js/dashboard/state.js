// The last message of each topic, exactly as the bus has it, and `about`, the constants of the server.
// This mirrors `common/retained.py`. Every limit and every shared name comes with `about`.
import { SILENCE_DB } from "../shared/format.js";

/** Return the peer key of what has an account and a platform. */
const peerOf = ({ account_id, platform }) => `${account_id}.${platform}`;

export class State {
  constructor() {
    this.topics = new Map();
    this.about = {};
    this.bus = true;
    this.skew = 0; // seconds that the server's clock is ahead of this page's
    this.ahead = 0; // the same of the clocks that cannot be set, which date heartbeats
  }

  apply({ now, clock, about, bus, topics }) {
    this.skew = now - Date.now() / 1000;
    this.ahead = clock - performance.now() / 1000;
    if (about) {
      this.about = about;
      this.topics.clear();
    }
    if (bus !== undefined) this.bus = bus;
    for (const [topic, value] of Object.entries(topics ?? {})) {
      if (value === null) this.topics.delete(topic);
      else this.topics.set(topic, value);
    }
  }

  get now() {
    return Date.now() / 1000 + this.skew;
  }

  /** The server's `boot_s`. It continues while the computer sleeps, which this page's own clock may not. */
  get clock() {
    return performance.now() / 1000 + this.ahead;
  }

  one(topic) {
    return this.topics.get(`${topic}/`) ?? null;
  }

  of(topic, key) {
    return this.topics.get(`${topic}/${key}`) ?? null;
  }

  all(topic) {
    const found = [];
    for (const [name, value] of this.topics) if (name.startsWith(`${topic}/`)) found.push(value);
    return found;
  }

  get signedIn() {
    return ["signed_in", "refreshing"].includes(this.one("auth.state")?.state);
  }

  get joined() {
    return this.one("party.state")?.phase === "joined";
  }

  /** Return the state of a worker. One with a stale heartbeat is hung or dead, unless it was stopping. */
  standing(worker) {
    const health = this.of("worker.health", worker);
    if (!health) return "absent";
    const silent = this.clock - health.beat_s > this.about.stale_s;
    if (health.state === "stopping") return silent ? "stopped" : "stopping";
    return silent ? "silent" : health.state;
  }

  /** Return everybody else: members first, then peers that are only connected. */
  talkers() {
    const party = this.one("party.state");
    const found = new Map();
    for (const member of party?.members ?? []) {
      if (member.is_me) continue;
      const peer = peerOf(member);
      found.set(peer, { peer, member, name: member.online_id || member.account_id, platform: member.platform });
    }
    for (const state of this.all("peer.state")) {
      const peer = peerOf(state);
      const name = state.online_id || state.account_id;
      if (!found.has(peer)) found.set(peer, { peer, member: null, name, platform: state.platform });
    }
    const mixer = this.one("audio.mixer");
    const mixes = new Map((mixer?.talkers ?? []).map((talker) => [talker.peer, talker]));
    const levels = this.one("audio.levels")?.talkers ?? {};
    const avatars = this.one("avatars") ?? {};
    for (const talker of found.values()) {
      talker.avatar = avatars[talker.peer];
      talker.state = this.of("peer.state", talker.peer);
      const said = this.of("peer.speaking", talker.peer);
      talker.speaking = said?.speaking ?? false;
      talker.spoken = talker.speaking ? Infinity : said?.at ?? 0;
      talker.own = Boolean(mixer?.own_account) && talker.peer.startsWith(`${mixer.own_account}.`);
      talker.mix = mixes.get(talker.peer) ?? null;
      talker.soloMuted = talker.mix ? talker.mix.hushed : (mixer?.solo ?? false);
      talker.level = levels[talker.peer] ?? SILENCE_DB;
      talker.device = this.about.platforms[talker.platform] ?? talker.platform.slice(0, 16);
      talker.left = !talker.member && talker.peer !== this.about.bridge;
    }
    return [...found.values()];
  }
}
