// Who is in the party, and how each of them sounds: one list from several topics, in an order that does not move. No sockets.

export const SILENCE_DB = -120;

/**
 * @typedef {object} Talker
 * @property {number} place from 1. Whoever is here keeps it, and who comes takes the first free one
 * @property {string} peer peer key, by which requests name a member
 * @property {string} accountId
 * @property {string} platform
 * @property {string} name online id
 * @property {boolean} yourself whether it is the person who runs partyline
 * @property {boolean} connected whether the voice arrives
 * @property {boolean} speaking
 * @property {number} level peak in dBFS after gain, -120 for silence. Comes with topic `audio.levels` only
 * @property {number} gainDb
 * @property {boolean} muted
 * @property {boolean} solo
 * @property {boolean} hushed not heard because somebody else is solo
 */

/**
 * Return the members without the listener's own account, in the table's order.
 * @param {Map<string, any>} topics
 * @returns {Omit<Talker, "place">[]}
 */
export function talkersOf(topics) {
  const mixer = topics.get("audio.mixer/");
  const levels = topics.get("audio.levels/")?.talkers ?? {};
  const mixed = new Map((mixer?.talkers ?? []).map((/** @type {any} */ one) => [one.peer, one]));
  const members = (topics.get("party.state/")?.members ?? []).filter((/** @type {any} */ one) => !one.is_me);
  return members.map((/** @type {any} */ member) => {
    const peer = `${member.account_id}.${member.platform}`;
    const mix = mixed.get(peer);
    return {
      peer,
      accountId: member.account_id,
      platform: member.platform,
      name: member.online_id || member.account_id,
      yourself: Boolean(mixer?.own_account) && mixer.own_account === member.account_id,
      connected: topics.get(`peer.state/${peer}`)?.connection === "connected",
      speaking: topics.get(`peer.speaking/${peer}`)?.speaking === true,
      level: levels[peer] ?? SILENCE_DB,
      gainDb: mix?.gain_db ?? 0,
      muted: mix?.muted ?? false,
      solo: mix?.solo ?? false,
      hushed: mix?.hushed ?? false,
    };
  });
}

/**
 * Places in the party. A button for the second person stays that person's when the first one leaves. The Python client
 * (integrations/client/talkers.py) gives the same places.
 */
export class Places {
  constructor() {
    /** @type {(string | null)[]} who has the place, null for a free one */
    this.held = [];
  }

  /**
   * Return the talkers with their places, by place.
   * @param {Omit<Talker, "place">[]} talkers in the order in which newcomers get theirs
   * @returns {Talker[]}
   */
  seat(talkers) {
    const here = new Set(talkers.map(({ peer }) => peer));
    this.held = this.held.map((peer) => (peer !== null && here.has(peer) ? peer : null));
    for (const { peer } of talkers) {
      if (this.held.includes(peer)) continue;
      const free = this.held.indexOf(null);
      this.held[free < 0 ? this.held.length : free] = peer;
    }
    const seated = talkers.map((talker) => ({ place: this.held.indexOf(talker.peer) + 1, ...talker }));
    return seated.sort((a, b) => a.place - b.place);
  }
}

/**
 * Return the talker of an account, or undefined. Of one that is here from two consoles it is the one whose voice arrives.
 * @template {Talker} T
 * @param {T[]} talkers
 * @param {string} accountId
 * @returns {T | undefined}
 */
export function ofAccount(talkers, accountId) {
  const same = talkers.filter((one) => one.accountId === accountId);
  return same.find(({ connected }) => connected) ?? same[0];
}

const AHEAD_DB = 3; // the step of loudness that is plainly heard
const STAYS_MS = 600; // longer than the pauses between words, so that the name does not flicker

/** The one to name when several speak. */
export class Loudest {
  constructor() {
    this.peer = "";
    this.heardAt = -Infinity;
  }

  /**
   * Return whose voice is loudest at `nowMs`, or null. Whoever was named stays so in pauses, and against a little more.
   * @param {Talker[]} talkers
   * @param {number} nowMs
   * @returns {Talker | null}
   */
  hear(talkers, nowMs) {
    const heard = talkers.filter(({ speaking, muted, hushed }) => speaking && !muted && !hushed);
    const present = talkers.find(({ peer, muted, hushed }) => peer === this.peer && !muted && !hushed);
    const best = heard.reduce((/** @type {Talker | null} */ most, one) => (most && most.level >= one.level ? most : one), null);
    if (present?.speaking) this.heardAt = nowMs;
    if (best && (!present?.speaking || best.level > present.level + AHEAD_DB)) {
      if (present?.speaking || nowMs - this.heardAt >= STAYS_MS || !present) {
        this.peer = best.peer;
        this.heardAt = nowMs;
        return best;
      }
    }
    return present && nowMs - this.heardAt < STAYS_MS ? present : null;
  }
}
