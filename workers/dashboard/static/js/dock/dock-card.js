// The address of the faders for a dock in OBS. It has the key, so it is copied and never shown.
import { copied } from "../shared/clipboard.js";
import { el } from "../shared/dom.js";

export function dockCard(place, key, requests) {
  const copy = el("button", { type: "button", class: "small" }, "Copy the address");
  copy.onclick = async () => {
    const address = `${location.origin}/dock?key=${encodeURIComponent(key)}`;
    if (await copied(address)) requests.confirm("Copied. It allows everything that this page does, so keep it out of the stream.");
    else requests.toast("The browser did not allow copying.", "`partyline dashboard key` prints the address.");
  };
  place.append(
    el("h2", {}, "Faders in OBS"),
    el("p", { class: "dim hint" }, "In OBS choose Docks, Custom Browser Docks, and paste the address there."),
    copy,
  );
  return { update() {} };
}
