// The steps of a sign-in, and the field for the NPSSO. The dashboard's dialog and the guide show it.
// The words come from the server, which has them for `partyline login` too.
import { attribute, el, rich, show, text } from "../shared/dom.js";

const NOT_SIGNED_IN = "auth.sign-in.not-signed-in";

/** Return the form. `cancel` is a button beside its own, or null. `onDone()` is called after a sign-in. */
export function signInForm(requests, { cancel = null, onDone = () => {} } = {}) {
  const steps = el("ol", { class: "sign-in-steps" });
  const paste = el("input", { type: "password", "aria-label": "NPSSO", autocomplete: "off", placeholder: "Paste here", required: true });
  const [what, remedy] = [el("strong"), el("span")];
  const refused = el("p", { class: "refused", role: "alert" }, what, " ", remedy);
  const go = el("button", { type: "submit", class: "primary" }, "Sign in");
  const caution = el("p", { class: "dim" });
  const form = el("form", { method: "dialog" }, steps, paste, refused, caution, el("div", { class: "line end" }, cancel, go));
  let drawn = "";

  function refuse(error) {
    rich(what, error?.message ?? "");
    rich(remedy, error?.remedy ?? "");
    show(refused, Boolean(error));
    attribute(paste, "aria-invalid", error ? "true" : null);
    steps.classList.toggle("again", error?.code === NOT_SIGNED_IN);
  }
  function clear() {
    paste.value = "";
    refuse(null);
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    refuse(null);
    try {
      await requests.during(go, () => requests.send("SignIn", { pasted: paste.value }));
      clear();
      onDone();
    } catch (refusal) {
      refuse(refusal);
      paste.select();
    }
  });
  refuse(null);
  return {
    element: form,
    clear,
    focus: () => paste.focus(),
    update({ sign_in_url, npsso_url, sign_in: words }) {
      if (!words || drawn === npsso_url + sign_in_url) return;
      drawn = npsso_url + sign_in_url;
      const link = (url, name) => el("a", { href: url, target: "_blank", rel: "noreferrer" }, name);
      steps.replaceChildren(
        el("li", {}, "Open ", link(sign_in_url, "playstation.com"), `. ${words.sign_in}`, el("p", { class: "dim" }, words.age)),
        el("li", {}, "In the same window, open ", link(npsso_url, "this page of Sony"), `. ${words.copy_all}`),
        el("li", {}, "Paste it here. It is not shown."),
      );
      text(caution, `${words.careful} ${words.ends} ${words.kept}`);
    },
  };
}
