// The party: its name and size, and its administration, or the ways to join one.
import { entrance, invitations } from "./entrance.js";
import { following } from "./following.js";
import { administration, renaming } from "./administration.js";
import { el, show, text } from "../shared/dom.js";
import { counted, span } from "../shared/format.js";

export function partyCard(place, requests) {
  const title = el("h2");
  const about = el("p", { class: "dim about" });
  const leave = el("button", { type: "button" }, "Leave");
  leave.onclick = () => requests.during(leave, () => requests.run("LeaveParty"));
  const rename = renaming(requests, title);
  const head = el("div", { class: "head" }, el("div", { class: "line title" }, title, rename.button), leave);
  const signIn = el("button", { type: "button", class: "primary" }, "Sign in to PlayStation Network");
  signIn.onclick = () => document.getElementById("sign-in").click();
  const invited = invitations(requests);
  const within = administration(requests);
  const outside = entrance(requests);
  const followed = following(requests);
  place.append(head, rename.form, about, signIn, invited.element, within.element, outside.element, followed.element);
  return {
    update(state) {
      const party = state.one("party.state");
      const signedIn = ["signed_in", "refreshing"].includes(state.one("auth.state")?.state);
      const [name, caption] = describe(state, party, signedIn);
      text(title, name);
      text(about, caption);
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

function describe(state, party, signedIn) {
  if (!state.one("auth.state")) return ["Waiting for the workers", "They have not reported yet. After a start this takes some seconds."];
  if (!signedIn) return ["Not signed in", "Sign in first. Then you can join a party."];
  if (!party) return ["Party unknown", "The session worker has not reported yet."];
  if (party.phase === "joining") return ["Joining …", party.name];
  if (party.phase === "leaving") return ["Leaving …", party.name];
  if (party.phase === "none") return ["No party", party.reason || "Join one with its link, or create one."];
  const since = party.joined_s ? `, joined ${span(state.clock - party.joined_s)} ago` : "";
  const realm = state.one("auth.state")?.realm === "simulator" ? " · demo of the simulator" : "";
  return [party.name || "Party", `${counted(party.members.length, "member")} including you${since}${realm}`];
}
