// Who is signed in, and the dialog in which the NPSSO is pasted.
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
      dialog.about = state.about;
      attribute(account, "data-out", auth !== null && !signedIn);
      text(account, auth ? describe(auth, state.now, signedIn) : "");
      show(button, auth !== null && !(real && signedIn));
      text(button, real || !auth ? "Sign in" : "Sign in to PlayStation");
    },
  };
}

function describe(auth, now, signedIn) {
  if (auth.state === "unknown") return auth.detail;
  if (!signedIn) return auth.state === "expired" ? "The sign-in has ended" : "Not signed in";
  const left = auth.refresh_expires_at - now;
  const soon = auth.refresh_expires_at && left < 5 * 86400 ? `, ${span(left)} left` : "";
  return `${auth.online_id || auth.account_id}${soon}`;
}

function box(requests) {
  const steps = el("ol");
  const paste = el("input", { type: "password", "aria-label": "NPSSO", autocomplete: "off", placeholder: "Paste here", required: true });
  const error = el("p", { class: "refused", role: "alert" });
  const go = el("button", { type: "submit", class: "primary" }, "Sign in");
  const cancel = el("button", { type: "button" }, "Cancel");
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", {}, "Sign in to PlayStation Network"),
    steps,
    paste,
    error,
    el("p", { class: "dim" }, "The NPSSO gives the same access as your password. It is sent to Sony only, and never logged."),
    el("div", { class: "line end" }, cancel, go),
  );
  const element = el("dialog", { "aria-label": "Sign in" }, form);
  cancel.onclick = () => element.close();
  element.addEventListener("close", () => {
    paste.value = "";
    text(error, "");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    text(error, "");
    try {
      await requests.during(go, () => requests.send("SignIn", { pasted: paste.value }));
      element.close();
    } catch (refusal) {
      text(error, `${refusal.message} ${refusal.remedy}`);
    }
  });
  const self = {
    element,
    about: {},
    open() {
      const link = (url, name) => el("a", { href: url, target: "_blank", rel: "noreferrer" }, name);
      steps.replaceChildren(
        el("li", {}, "Open ", link(self.about.sign_in_url, "playstation.com"), " and sign in, preferably in a private window."),
        el("li", {}, "In the same window open ", link(self.about.npsso_url, "this Sony page"), " and copy everything that it shows."),
        el("li", {}, "Paste it here."),
      );
      element.showModal();
      paste.focus();
    },
  };
  return self;
}
