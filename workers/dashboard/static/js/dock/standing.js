// What the dock says besides the faders: that there is no party, or the worst problem, in one line.
import { el, rich, show } from "../shared/dom.js";

export function standing(place) {
  const line = el("p", { class: "standing" });
  place.append(line);
  return {
    update(state) {
      const words = problem(state) || noParty(state);
      rich(line, words);
      line.title = words;
      show(place, words !== "");
    },
  };
}

function problem(state) {
  const errors = state.all("problem").filter(({ severity }) => severity === "error").sort((a, b) => b.at - a.at);
  return errors.length ? `${errors[0].message} ${errors[0].remedy}` : "";
}

function noParty(state) {
  if (!state.one("auth.state")) return "One moment … partyline starts.";
  if (!state.signedIn) return "Not signed in. The dashboard leads through that: `partyline dashboard`.";
  return state.joined ? "" : "No party. Join one in the dashboard: `partyline dashboard`.";
}
