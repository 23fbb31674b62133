// An overlay in an element: the page `/overlay` itself, and the preview of its configurator.
import { style } from "./options.js";
import { People } from "./people.js";

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Return whether faces follow the level of voices. They do not where the system asks for less motion. */
export const moves = ({ motion }) => motion !== "none" && !stillness.matches;

export class OverlayView {
  /** `root` has the class `overlay`, and a list of the class `people` in it. */
  constructor(root, chosen) {
    this.root = root;
    this.people = new People(root.querySelector(".people"), chosen);
    this.choose(chosen);
  }

  choose(chosen) {
    for (const name of ["layout", "align", "shape"]) this.root.dataset[name] = chosen[name];
    this.root.dataset.moves = moves(chosen);
    this.root.dataset.fit = chosen.size === null; // without a chosen size, faces shrink until everybody fits
    for (const [name, value] of Object.entries(style(chosen))) this.root.style.setProperty(name, value);
    this.people.choose(moves(chosen) ? chosen : { ...chosen, motion: "none" });
  }

  /** Show what a frame of `/people` says. */
  show({ people, levels }) {
    if (people) this.people.update(people);
    if (levels) this.people.levels(levels);
  }
}
