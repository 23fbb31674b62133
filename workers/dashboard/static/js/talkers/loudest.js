// Who is loudest: the highest mean power of the last seconds. A small difference changes nothing, so it does not flicker.
const MEAN_S = 3;
const AHEAD = 2; // times the power, 3 dB: the step of loudness that is plainly heard
const FLOOR = 10 ** -5; // -50 dBFS: below it nobody speaks

export class Loudest {
  constructor() {
    this.power = new Map();
    this.heard = null;
    this.peer = null;
  }

  /** Take the peaks of all talkers in dBFS at `now` in seconds, and return the peer key of the loudest, or null. */
  hear(levels, now) {
    const share = this.heard === null ? 1 : 1 - Math.exp(-Math.max(0, now - this.heard) / MEAN_S);
    this.heard = now;
    for (const peer of this.power.keys()) if (!(peer in levels)) this.power.delete(peer);
    for (const [peer, level] of Object.entries(levels)) {
      const before = this.power.get(peer) ?? 0;
      this.power.set(peer, before + (10 ** (level / 10) - before) * share);
    }
    let [best, most] = [null, FLOOR];
    for (const [peer, power] of this.power) if (power > most) [best, most] = [peer, power];
    const present = this.power.get(this.peer) ?? 0;
    if (present <= FLOOR || most > present * AHEAD) this.peer = best;
    return this.peer;
  }
}
