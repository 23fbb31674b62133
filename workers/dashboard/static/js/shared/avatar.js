// A member's avatar: initials on their colour, or a picture, and another picture while they speak.
import { initials } from "./format.js";

export function avatarView(className) {
  const element = document.createElement("span");
  const letters = document.createElement("span");
  element.className = className;
  element.setAttribute("aria-hidden", "true");
  element.append(letters);
  const images = { still: null, talking: null };

  function put(kind, address = "") {
    const present = images[kind];
    if ((present?.getAttribute("src") ?? "") === address) return;
    present?.remove();
    images[kind] = null;
    if (address) {
      const image = document.createElement("img");
      image.className = kind;
      image.alt = "";
      image.draggable = false;
      image.onload = mark;
      image.onerror = () => image.remove(); // the initials are still there
      image.src = address;
      images[kind] = image;
      element.append(image);
    }
    mark();
  }
  const mark = () => {
    element.classList.toggle("pictured", Boolean(images.still?.naturalWidth || images.talking?.naturalWidth));
    element.classList.toggle("talks", Boolean(images.talking?.naturalWidth));
  };

  return {
    element,
    update(name, { hue, picture, speaking_picture: speaking } = {}) {
      const short = initials(name);
      if (letters.textContent !== short) letters.textContent = short;
      if (hue !== undefined) element.style.setProperty("--hue", hue);
      put("still", picture);
      put("talking", speaking);
    },
  };
}
