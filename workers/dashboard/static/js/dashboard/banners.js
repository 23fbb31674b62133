// The state of the connection, on which everything else on the page depends.
import { el, rich } from "../shared/dom.js";
import { restarting } from "../live/parts.js";

export function banners(place, requests) {
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
      if (button) banner.append(restarting("broker", requests, "Restart that part"), technical());
      place.append(banner);
    },
  };
}

const technical = () => el("details", {}, el("summary", {}, "Details"), el("p", { class: "dim" }, "The broker does not run, so the workers cannot reach each other."));

function message(state, link) {
  if (link === "no key") return ["This page needs its key.", "Open it with `partyline dashboard`, or copy its address from there.", false];
  if (link === "refused")
    return ["The key of this page is no longer valid.", "Open the page again with `partyline dashboard`.", false];
  if (link === "away")
    return ["partyline does not answer. Reconnecting …", "If you stopped it, start it with `partyline up`. The page shows the last known state, and nothing can be changed meanwhile.", false];
  if (!state.bus)
    return ["The parts of partyline cannot reach each other.", "That should pass within seconds. The party goes on meanwhile.", true];
  return ["", "", false];
}
