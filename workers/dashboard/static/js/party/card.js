// The party: its name and size, what can be done in it, or how to get into one.
import { entrance, invitations } from "./entrance.js";
import { following } from "./following.js";
import { administration, renaming } from "./administration.js";
import { el, show, text } from "../shared/dom.js";
import { counted, span } from "../shared/format.js";

export function partyCard(place, actions) {
  const title = el("h2");
  const about = el("p", { class: "dim about" });
  const leave = el("button", { type: "button" }, "Leave");
  leave.onclick = () => actions.during(leave, () => actions.do("LeaveParty"));
  const rename = renaming(actions, title);
  const head = el("div", { class: "head" }, el("div", { class: "line title" }, title, rename.button), leave);
  const signIn = el("button", { type: "button", class: "primary" }, "Sign in to PlayStation Network");
  signIn.onclick = () => document.getElementById("sign-in").click();
  const invited = invitations(actions);
  const within = administration(actions);
  const outside = entrance(actions);
  const followed = following(actions);
  place.append(head, rename.form, about, signIn, invited.element, within.element, outside.element, followed.element);
  return {
    update(state) {
      const party = state.one("party.state");
      const signedIn = ["signed_in", "refreshing"].includes(state.one("auth.state")?.state);
      const [name, said] = words(state, party, signedIn);
      text(title, name);
      text(about, said);
      show(leave, party !== null && party.phase !== "none");
      show(signIn, Boolean(state.one("auth.state")) && !signedIn);
      rename.update(state);
      show(within.element, state.joined);
      within.update(state);
      show(outside.element, signedIn && !state.joined);
      invited.update(state, signedIn);
      show(followed.element, signedIn);
      followed.update(state);
    },
    rename: rename.open,
    follow: followed.focus,
  };
}

function words(state, party, signedIn) {
  if (!state.one("auth.state")) return ["Waiting for the workers", "They have not said anything yet. Give them some seconds after a start."];
  if (!signedIn) return ["Not signed in", "Sign in first: then the party you are invited into can be joined."];
  if (!party) return ["No word of the party yet", "The session worker has not said anything so far."];
  if (party.phase === "joining") return ["Joining …", party.name];
  if (party.phase === "leaving") return ["Leaving …", party.name];
  if (party.phase === "none") return ["No party", party.reason || "Join one by its link, or make one."];
  const since = party.joined_s ? `, here for ${span(state.clock - party.joined_s)}` : "";
  const realm = state.one("auth.state")?.realm === "simulator" ? " · the simulator's demo" : "";
  return [party.name || "Party", `${counted(party.members.length, "member")} with us${since}${realm}`];
}
