// How well a talker comes in, in plain words: from what happened in the last seconds, not since the beginning.
const WINDOW_S = 12;
const FAIR = 0.02;
const POOR = 0.08;

export class Quality {
  constructor() {
    this.seen = [];
  }

  /** Return {level: good|fair|poor|none, word, why} for a `PeerState` (or null) at `now` (seconds). */
  judge(state, now) {
    if (!state) return { level: "none", word: "not connected", why: "No connection yet." };
    if (state.connection === "failed") return { level: "poor", word: "no connection", why: state.detail || "The connection cannot be made." };
    if (state.connection === "lost") return { level: "poor", word: "connection lost", why: "partyline tries again by itself." };
    if (state.connection !== "connected") return { level: "none", word: "connecting …", why: state.detail };
    return this.heard(this.recent(state, now));
  }

  recent(state, now) {
    const { packets, lost, frames, concealed_frames: concealed } = state;
    const last = this.seen.at(-1);
    if (last && (packets < last.packets || frames < last.frames)) this.seen = []; // a new connection
    this.seen.push({ now, packets, lost, frames, concealed });
    while (this.seen.length > 1 && now - this.seen[1].now >= WINDOW_S) this.seen.shift();
    const first = this.seen.length > 1 ? this.seen[0] : { packets: 0, lost: 0, frames: 0, concealed: 0 };
    const sent = packets + lost - first.packets - first.lost;
    const played = frames - first.frames;
    return {
      loss: sent > 0 ? Math.max(0, (lost - first.lost) / sent) : 0,
      made: played > 0 ? (concealed - first.concealed) / played : 0,
    };
  }

  heard({ loss, made }) {
    const share = (value) => `${Math.max(1, Math.round(value * 100))} %`;
    const why = made >= FAIR ? `${share(made)} of the sound had to be made up.` : `${share(loss)} got lost on the way.`;
    if (made >= POOR) return { level: "poor", word: "breaking up", why };
    if (made >= FAIR || loss >= POOR) return { level: "fair", word: "small gaps", why };
    return { level: "good", word: "good", why: loss >= FAIR ? `${why} It could be mended.` : "Nothing is missing." };
  }
}

/** Packet in → ear in ms, as `partyline status` has it: measured while there is sound, else what waits on the way. */
export function delay({ state, mix }, mixer) {
  if (!state?.delay_ms) return 0;
  if (!mix || !mixer) return state.delay_ms;
  return (mix.age_ms || state.delay_ms + mix.queue_ms) + mixer.latency_ms + (mixer.delay_ms ?? 0);
}
