// Who is signed in, and the dialog in which the NPSSO is pasted.
import { signInForm } from "../account/sign-in-form.js";
import { attribute, el, show, text } from "../shared/dom.js";
import { span } from "../shared/format.js";

export function signIn(account, button, requests) {
  const dialog = box(requests);
  document.body.append(dialog.element);
  button.onclick = () => dialog.open();
  return {
    update(state) {
      const auth = state.one("auth.state");
      const real = auth?.realm === "playstation";
      const signedIn = ["signed_in", "refreshing"].includes(auth?.state);
      dialog.update(state.about);
      attribute(account, "data-out", auth !== null && !signedIn);
      text(account, auth ? describeAccount(auth, state.now) : "");
      show(button, auth !== null && !(real && signedIn));
      text(button, real || !auth ? "Sign in" : "Sign in to PlayStation");
    },
  };
}

/** Return in a few words who is signed in, and for how long if that is soon over. */
export function describeAccount(auth, now) {
  if (auth.state === "unknown") return auth.detail;
  if (!["signed_in", "refreshing"].includes(auth.state)) return auth.state === "expired" ? "The sign-in has ended" : "Not signed in";
  const left = auth.refresh_expires_at - now;
  const soon = auth.refresh_expires_at && left < 5 * 86400 ? `, ${span(left)} left` : "";
  return `${auth.online_id || auth.account_id}${soon}`;
}

function box(requests) {
  const cancel = el("button", { type: "button" }, "Cancel");
  const element = el("dialog", { "aria-label": "Sign in" });
  const form = signInForm(requests, { cancel, onDone: () => element.close() });
  element.append(el("h2", {}, "Sign in to PlayStation Network"), form.element);
  cancel.onclick = () => element.close();
  element.addEventListener("close", form.clear);
  return {
    element,
    update: form.update,
    open() {
      element.showModal();
      form.focus();
    },
  };
}
