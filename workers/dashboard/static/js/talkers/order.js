// The order of the rows. Nothing moves while they are in use: newcomers wait at the end, and whoever left keeps their place.
const REST_S = 3; // between two changes of "last spoken", or rows would swap with each "yes"

const BY = {
  joined: () => 0,
  spoken: (a, b) => b.spoken - a.spoken,
  name: (a, b) => a.name.localeCompare(b.name, undefined, { sensitivity: "base", numeric: true }),
};

export const ORDERS = Object.keys(BY);

export class Order {
  constructor() {
    this.shown = [];
    this.by = "";
    this.changed = -Infinity;
  }

  /** Return the peers in their order. `talkers` are {peer, name, spoken} as they joined; `spoken` is a time, Infinity for now. */
  arrange(talkers, by, held, now) {
    const present = new Set(talkers.map(({ peer }) => peer));
    const rests = by === "spoken" && by === this.by && now - this.changed < REST_S;
    if (held || rests) {
      const here = held ? this.shown : this.shown.filter((peer) => present.has(peer));
      const known = new Set(here);
      this.shown = [...here, ...[...present].filter((peer) => !known.has(peer))];
      return this.shown;
    }
    const place = new Map(this.shown.map((peer, index) => [peer, index]));
    const before = (a, b) => (place.get(a.peer) ?? Infinity) - (place.get(b.peer) ?? Infinity) || 0; // of equals, as they stood
    const sorted = [...talkers].sort((a, b) => BY[by](a, b) || (by === "spoken" ? before(a, b) : 0)).map(({ peer }) => peer);
    if (sorted.join() !== this.shown.join()) this.changed = now;
    this.by = by;
    this.shown = sorted;
    return sorted;
  }
}
