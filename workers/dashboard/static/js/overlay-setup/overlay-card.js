// The dashboard's way to the overlay's configurator.
import { el } from "../shared/dom.js";

export function overlayCard(place) {
  place.append(
    el("h2", {}, "Overlay"),
    el("p", { class: "dim" }, "Shows on your stream who is here and who speaks."),
    el("p", {}, el("a", { href: "/overlay-setup" }, "Set it up for OBS")),
  );
  return { update() {} };
}
