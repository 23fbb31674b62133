// What must be known before anything else on the page can be believed.
import { el, rich } from "../shared/dom.js";

export function banners(place, actions) {
  let shown = "";
  return {
    update(state, link) {
      const [what, remedy, button] = message(state, link);
      if (shown === what) return;
      shown = what;
      place.replaceChildren();
      if (!what) return;
      const [title, hint] = [el("strong"), el("span")];
      rich(title, what);
      rich(hint, remedy);
      const banner = el("div", { class: "banner" }, title, hint);
      if (button) {
        const restart = el("button", { type: "button" }, "Restart the broker");
        restart.onclick = () => actions.during(restart, () => actions.do("RestartWorker", { worker: "broker" }));
        banner.append(restart);
      }
      place.append(banner);
    },
  };
}

function message(state, link) {
  if (link === "no key") return ["This page needs its key.", "Open it by `partyline dashboard`, or take its address from there.", false];
  if (link === "refused")
    return ["The key of this page is not the right one any more.", "Open the page anew by `partyline dashboard`.", false];
  if (link === "away")
    return ["partyline does not answer. Trying again …", "If you stopped it, start it with `partyline up`. What you see is how it was.", false];
  if (!state.bus)
    return ["The workers cannot reach each other: the broker is away.", "It should be back within seconds. The party goes on meanwhile.", true];
  return ["", "", false];
}
