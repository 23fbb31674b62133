// How far the set-up is. Everything but the person's own marks is read from the state.
export const STEPS = ["account", "sign-in", "party", "you", "obs", "done"];

/** Return whether somebody is signed in to PlayStation Network. */
export function signedIn(state) {
  const auth = state.one("auth.state");
  return auth?.realm === "playstation" && ["signed_in", "refreshing"].includes(auth.state);
}

/** Return whether the made-up party of the simulator runs. */
export const isDemo = (state) => state.one("auth.state")?.realm === "simulator";

/** Return the own member's account, or "". */
export const ownAccount = (state) => state.one("audio.mixer")?.own_account ?? "";

/** Return whether this step is done. */
export function isDone(step, state, marks) {
  switch (step) {
    case "account":
      return marks.has("account") || signedIn(state);
    case "sign-in":
      return signedIn(state);
    case "party":
      return state.joined;
    case "you":
      return Boolean(ownAccount(state)) || marks.has("listener");
    case "obs":
      return hasSources(state);
    default:
      return STEPS.slice(0, -1).every((other) => isDone(other, state, marks) || marks.has(`skipped ${other}`));
  }
}

/** Return the first step that is neither done nor skipped. */
export const firstOpen = (state, marks) =>
  STEPS.find((step) => !isDone(step, state, marks) && !marks.has(`skipped ${step}`)) ?? "done";

/** Return whether nothing is left that is done only once. A party is joined again and again. */
export const isSetUp = (state, marks) =>
  ["account", "sign-in", "you", "obs"].every((step) => isDone(step, state, marks) || marks.has(`skipped ${step}`));

/** Return whether sources were set up in OBS. */
export function hasSources(state) {
  const obs = state.one("obs.state");
  return Boolean(obs?.setup && obs.sources.length);
}
