// The quality of a talker's connection in plain words, over the last seconds.
const WINDOW_S = 12;
const FAIR = 0.02;
const POOR = 0.08;

export class Quality {
  constructor() {
    this.seen = [];
  }

  /** Return {level: good|fair|poor|none, word, why} for a `PeerState` (or null) at `now` (seconds). */
  rate(state, now) {
    if (!state) return { level: "none", word: "not connected", why: "No connection yet." };
    if (state.connection === "failed") return { level: "poor", word: "no connection", why: state.detail || "Connecting failed." };
    if (state.connection === "lost") return { level: "poor", word: "connection lost", why: "partyline reconnects automatically." };
    if (state.connection !== "connected") return { level: "none", word: "connecting …", why: state.detail };
    return this.rateLosses(this.recent(state, now));
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
      concealment: played > 0 ? (concealed - first.concealed) / played : 0,
    };
  }

  rateLosses({ loss, concealment }) {
    const share = (value) => `${Math.max(1, Math.round(value * 100))} %`;
    const why = concealment >= FAIR ? `${share(concealment)} of the sound was lost and concealed.` : `${share(loss)} of the packets were lost.`;
    if (concealment >= POOR) return { level: "poor", word: "breaking up", why };
    if (concealment >= FAIR || loss >= POOR) return { level: "fair", word: "small gaps", why };
    return { level: "good", word: "good", why: loss >= FAIR ? `${why} The sound was repaired.` : "Nothing is missing." };
  }
}

/** Return the delay from packet to ear in ms, like `partyline status`: measured while there is sound, otherwise estimated. */
export function delay({ state, mix }, mixer) {
  if (!state?.delay_ms) return 0;
  if (!mix || !mixer) return state.delay_ms;
  return (mix.age_ms || state.delay_ms + mix.queue_ms) + mixer.latency_ms + (mixer.delay_ms ?? 0);
}
