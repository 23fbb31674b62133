// A face that follows the level of its voice: it bounces, or its mouth opens in several pictures.
import { avatarView } from "../shared/avatar.js";
import { el } from "../shared/dom.js";
import { bounceAt, mouthAt } from "./mouth.js";

export function faceView() {
  const view = avatarView("face");
  const { element } = view;
  let addresses = [];
  let louder = [];
  let shown = "";

  function putLouder(wanted) {
    if (wanted.join() === addresses.join()) return;
    addresses = wanted;
    for (const image of louder) image.remove();
    louder = wanted.map((src) => el("img", { class: "louder", alt: "", draggable: false, src, onerror: ({ target }) => target.remove() }));
    element.append(...louder);
    shown = "";
  }

  return {
    element,
    update(name, avatar = {}) {
      view.update(name, avatar);
      putLouder(avatar.louder_pictures ?? []);
    },
    /** Move by `level`: 0 … 8, or null if it is unknown. `motion` is the overlay's option. */
    move(motion, level) {
      const hasMouth = motion === "mouth" && element.classList.contains("talks");
      const mouth = hasMouth ? mouthAt(level, 1 + louder.length) : 0;
      const bounce = motion === "none" || hasMouth ? 0 : bounceAt(level);
      const wanted = `${mouth} ${bounce}`;
      if (wanted === shown) return;
      shown = wanted;
      element.classList.toggle("shut", mouth < 0);
      element.classList.toggle("loud", mouth > 0);
      for (const [at, image] of louder.entries()) image.classList.toggle("on", at + 1 === mouth);
      element.style.setProperty("--bounce", bounce);
    },
  };
}
