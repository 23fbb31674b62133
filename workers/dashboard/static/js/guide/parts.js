// What the steps are made of.
import { attribute, el, rich } from "../shared/dom.js";

/** Return a line that says how a step stands. `level`: good, fair or none. */
export function standing() {
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const words = el("span");
  return {
    element: el("p", { class: "standing", role: "status" }, dot, words),
    set(level, said) {
      attribute(dot, "data-level", level);
      rich(words, said);
    },
  };
}

/** Return an illustration with its caption. */
export function picture(name, alt, caption) {
  return el("figure", {}, el("img", { src: `/static/pictures/${name}.svg`, alt, loading: "lazy" }), el("figcaption", { class: "dim" }, caption));
}

/** Return a part that is opened by a click. */
export const more = (title, ...children) => el("details", { class: "more" }, el("summary", {}, title), ...children);
