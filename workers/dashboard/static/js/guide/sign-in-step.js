// Step 2: the sign-in.
import { signInForm } from "../account/sign-in-form.js";
import { el, rich, show, text } from "../shared/dom.js";
import { span } from "../shared/format.js";
import { standing } from "./parts.js";
import { isDemo, signedIn } from "./progress.js";

const AGE_CHECKED = ["GB", "IE"];
const HERE = ["127.0.0.1", "localhost", "[::1]"];

export function signInStep({ requests }) {
  const line = standing();
  const notice = el("p", { class: "note" });
  const summary = el("summary");
  const form = signInForm(requests, { onDone: () => (box.open = false) });
  const box = el("details", { class: "more" }, summary, form.element);
  let folded = null;
  return {
    element: el("div", { class: "content" }, line.element, notice, box),
    update(state) {
      const auth = state.one("auth.state");
      const done = signedIn(state);
      form.update(state.about);
      if (folded !== done) box.open = !done;
      folded = done;
      text(summary, done ? "Sign in again, or with another account" : "How to sign in");
      line.set(...describe(auth, done, state));
      const words = caution(auth, done, state);
      rich(notice, words);
      show(notice, words !== "");
    },
  };
}

function describe(auth, done, state) {
  if (!auth) return ["none", "The workers have not reported yet. After a start this takes some seconds."];
  if (done) {
    const left = auth.refresh_expires_at ? ` The sign-in lasts ${span(auth.refresh_expires_at - state.now)} at most.` : "";
    return ["good", `Signed in as ${auth.online_id || auth.account_id}.${left}`];
  }
  if (auth.state === "unknown") return ["none", auth.detail];
  if (auth.state === "expired") return ["fair", "The sign-in has ended. Sign in again."];
  return ["none", isDemo(state) ? "Not signed in to PlayStation Network. The demo needs no sign-in." : "Not signed in yet."];
}

function caution(auth, done, state) {
  if (!done && !HERE.includes(location.hostname)) return "This page is open on another device. Sign in on the machine that runs partyline, or from a paired one with `partyline --at MACHINE login`.";
  if (!done) return isDemo(state) ? "A sign-in leaves the demo for PlayStation Network. `partyline demo` turns back." : "";
  if (auth.is_child) return "This is a child's account. It needs the permission of its family manager for voice chat.";
  return AGE_CHECKED.includes(auth.country) ? state.about.sign_in?.age ?? "" : "";
}
