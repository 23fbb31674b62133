// The party, in the page's header: its name and size. Its administration is folded away, and the ways to join one are not.
import { entrance, invitations } from "./entrance.js";
import { following } from "./following.js";
import { administration, renaming } from "./administration.js";
import { attribute, el, show, text } from "../shared/dom.js";
import { counted, span } from "../shared/format.js";

export function partyCard(place, requests) {
  const title = el("h2");
  const about = el("p", { class: "dim about" });
  const manage = el("button", { type: "button", class: "small", "aria-expanded": "false", "aria-controls": "manage" }, "Manage");
  const leave = el("button", { type: "button", class: "small" }, "Leave");
  leave.onclick = () => requests.during(leave, () => requests.run("LeaveParty"));
  const rename = renaming(requests, title);
  const head = el("div", { class: "head" }, el("div", { class: "title" }, title, about), el("div", { class: "line" }, manage, leave));
  const signIn = el("button", { type: "button", class: "primary" }, "Sign in to PlayStation Network");
  signIn.onclick = () => document.getElementById("sign-in").click();
  const invited = invitations(requests);
  const within = administration(requests);
  const outside = entrance(requests);
  const followed = following(requests);
  const fold = el("div", { id: "manage", class: "fold" }, rename.button, within.element, outside.element, followed.element);
  let open = false;
  let [joined, signedIn] = [false, false];
  place.append(head, rename.form, signIn, invited.element, fold);

  const draw = () => {
    show(manage, joined);
    attribute(manage, "aria-expanded", String(open));
    show(fold, joined ? open : signedIn);
  };
  const unfold = (on = true) => {
    open = on;
    draw();
  };
  manage.onclick = () => unfold(!open);
  return {
    update(state) {
      const party = state.one("party.state");
      ({ joined, signedIn } = state);
      const [name, caption] = describe(state, party, signedIn);
      text(title, name);
      text(about, caption);
      attribute(place, "data-joined", joined);
      show(leave, party !== null && party.phase !== "none");
      show(signIn, Boolean(state.one("auth.state")) && !signedIn);
      rename.update(state);
      show(within.element, joined);
      within.update(state);
      show(outside.element, signedIn && !joined);
      invited.update(state, signedIn);
      show(followed.element, signedIn);
      followed.update(state);
      draw();
    },
    rename() {
      if (joined) unfold();
      rename.open();
    },
    follow() {
      unfold();
      followed.focus();
    },
  };
}

function describe(state, party, signedIn) {
  if (!state.one("auth.state")) return ["One moment …", "partyline starts. That takes some seconds."];
  if (!signedIn) return ["Not signed in", "Sign in first. Then you can join a party."];
  if (!party) return ["One moment …", "Whether there is a party is not known yet."];
  if (party.phase === "joining") return ["Joining …", party.name];
  if (party.phase === "leaving") return ["Leaving …", party.name];
  if (party.phase === "none") return ["No party", party.reason || "Join one with its link, or create one."];
  const since = party.joined_s ? ` · for ${span(state.clock - party.joined_s)}` : "";
  const realm = state.one("auth.state")?.realm === "simulator" ? " · demo of the simulator" : "";
  return [party.name || "Party", `${counted(party.members.length, "member")}${since}${realm}${followed(state)}`];
}

function followed(state) {
  const name = state.one("party.following")?.online_id;
  return name ? ` · following ${name}` : "";
}
