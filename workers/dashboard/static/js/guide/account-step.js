// Step 1: an account of its own for partyline. What is known of the person's, and what nobody can promise.
import { el, show, text } from "../shared/dom.js";
import { more, standing } from "./parts.js";
import { isDemo, signedIn } from "./progress.js";

const PLAYSTATION = "https://www.playstation.com";

export function accountStep({ marks, go, redraw }) {
  const line = standing();
  const age = el("p");
  const have = el("button", { type: "button", class: "primary" }, "I have such an account");
  have.onclick = () => {
    marks.set("account", true);
    redraw();
    go("sign-in");
  };
  const demo = el("p", { class: "note" }, "A demo party of made-up people runs now. ", el("a", { href: "#party" }, "Try the guide with it first"), ", without any account.");
  const link = (words) => el("a", { href: PLAYSTATION, target: "_blank", rel: "noreferrer" }, words);
  const element = el(
    "div",
    { class: "content" },
    line.element,
    el("p", {}, "partyline joins your party as a member of its own, with an account of its own. Yours stays on your console."),
    demo,
    el("h3", {}, "Why not the account that you play with?"),
    el("p", {}, "Sony has not approved programs such as this one, and may suspend an account that uses one. Nobody can promise that it will not. So use an account that you can lose: not the one that has your games, friends and trophies. ", link("PlayStation's terms of service"), " are what counts."),
    el("h3", {}, "How to make one"),
    el(
      "ol",
      {},
      el("li", {}, "Open ", link("playstation.com"), " in a private window, choose Sign In, and create an account. It costs nothing. It needs an e-mail address that no other PlayStation account has."),
      el("li", {}, "Confirm the e-mail, sign in there once, and accept the terms."),
      el("li", {}, "Make it a friend of the account that you play with. Then you can invite it from your console."),
    ),
    more("United Kingdom, Ireland, and children", age, el("p", {}, "A child's account needs the permission of its family manager for voice chat.")),
    el("div", { class: "line" }, have),
  );
  return {
    element,
    update(state) {
      show(demo, isDemo(state));
      show(have, !signedIn(state));
      text(age, state.about.sign_in?.age ?? "");
      if (signedIn(state)) line.set("good", `The account in use is ${state.one("auth.state").online_id || "signed in"}.`);
      else if (marks.has("account")) line.set("good", "You have an account for partyline.");
      else line.set("none", "A free PlayStation account for partyline alone.");
    },
  };
}
