// The state of the connection, on which everything else on the page depends.
import { el, rich } from "../shared/dom.js";

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
      if (button) {
        const restart = el("button", { type: "button" }, "Restart the broker");
        restart.onclick = () => requests.during(restart, () => requests.run("RestartWorker", { worker: "broker" }));
        banner.append(restart);
      }
      place.append(banner);
    },
  };
}

function message(state, link) {
  if (link === "no key") return ["This page needs its key.", "Open it with `partyline dashboard`, or copy its address from there.", false];
  if (link === "refused")
    return ["The key of this page is no longer valid.", "Open the page again with `partyline dashboard`.", false];
  if (link === "away")
    return ["partyline does not answer. Reconnecting …", "If you stopped it, start it with `partyline up`. The page shows the last known state.", false];
  if (!state.bus)
    return ["The workers cannot reach each other, because the broker does not run.", "It should be back within seconds. The party continues meanwhile.", true];
  return ["", "", false];
}
