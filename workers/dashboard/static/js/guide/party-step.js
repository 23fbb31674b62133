// Step 3: into the party, by its link, an invitation, or by following somebody.
import { entrance, invitations } from "../party/entrance.js";
import { following } from "../party/following.js";
import { el, show, text } from "../shared/dom.js";
import { counted } from "../shared/format.js";
import { more, picture, standing } from "./parts.js";
import { isDemo, signedIn } from "./progress.js";

export function partyStep({ requests }) {
  const line = standing();
  const signIn = el("p", { class: "note" }, el("a", { href: "#sign-in" }, "Sign in first"), ". Without an account, partyline can join no party.");
  const invite = el("p", {}, "");
  const invited = invitations(requests);
  const outside = entrance(requests);
  const followed = following(requests);
  const pictures = el(
    "div",
    { class: "pictures" },
    picture("party-link-ps5", "A television: the control center at the bottom, with the voice chat card opened, and in its menu an entry with a link.", "PS5: PS button, the card of your voice chat, its menu (…), the entry with the link or QR code."),
    picture("party-link-app", "A telephone: the PlayStation App's party, with the button that shares a link at the top.", "PlayStation App: open the party, then its share button, then copy the link."),
  );
  const ways = el(
    "div",
    { class: "ways" },
    el("section", {}, el("h3", {}, "By the share link"), more("Where do I find it?", pictures, el("p", { class: "dim" }, "These are illustrations, not photographs. Names and places differ a little by version and language.")), outside.element),
    el("section", {}, el("h3", {}, "By an invitation"), invite, invited.element),
    el("section", {}, el("h3", {}, "By following somebody"), followed.element),
  );
  return {
    element: el("div", { class: "content" }, line.element, signIn, ways),
    update(state) {
      const able = signedIn(state) || isDemo(state);
      const name = state.one("auth.state")?.online_id;
      show(signIn, !able);
      show(ways, able && !state.joined);
      text(invite, `Invite ${name || "partyline's account"} from your console or the PlayStation App. The invitation appears here.`);
      invited.update(state, able);
      followed.update(state);
      line.set(...describe(state.one("party.state"), isDemo(state)));
    },
  };
}

function describe(party, demo) {
  if (!party) return ["none", "The workers have not reported yet. After a start this takes some seconds."];
  if (party.phase === "joining") return ["none", "Joining …"];
  if (party.phase === "leaving") return ["none", "Leaving …"];
  if (party.phase === "joined") {
    const others = counted(party.members.filter(({ is_me: me }) => !me).length, "other member");
    return ["good", `It listens in ${party.name ? `“${party.name}”` : "your party"} with ${others}${demo ? ". This is the demo" : ""}.`];
  }
  return ["none", party.reason ? `Not in a party: ${party.reason}` : "partyline is not in a party yet."];
}
