// OBS as it is known: by its worker while something is set up there, else as it was found when it was last asked.
const ASK_AGAIN_MS = 5000; // while OBS is not there. It may be started, or its server switched on, at any moment
const ASK_RARELY_MS = 20000;

export function obsFound(requests, redraw) {
  let asked = null;
  let askedAt = -Infinity;
  let busy = false;

  const self = {
    get busy() {
      return busy;
    },
    runs: (state) => ["running", "degraded", "starting"].includes(state.standing("obs")),
    /** Return the state of OBS, or null. Ask for it if nobody keeps it. */
    now(state) {
      const kept = state.one("obs.state");
      const now = kept?.setup || kept?.connected ? kept : asked ?? kept;
      if (self.runs(state) && !now?.setup && performance.now() - askedAt > (now?.connected ? ASK_RARELY_MS : ASK_AGAIN_MS)) self.ask();
      return now;
    },
    async ask() {
      if (busy) return;
      askedAt = performance.now();
      try {
        asked = await requests.send("CheckObs");
      } catch (refusal) {
        asked = { connected: false, problem: refusal.message, remedy: refusal.remedy };
      }
      redraw();
    },
    /** Change OBS by `job`, whose answer may have its state. Return the answer. */
    async during(job) {
      busy = true;
      try {
        const answer = await job();
        if (answer.state) asked = answer.state;
        askedAt = answer.state?.setup ? askedAt : answer.state?.connected ? performance.now() : -Infinity;
        return answer;
      } finally {
        busy = false;
      }
    },
  };
  return self;
}
