// The preview: the overlay itself, in an element of the size that the source has in OBS, scaled to the page.
import { attribute, el, text } from "../shared/dom.js";
import { demo, MOST } from "../overlay/demo.js";
import { moves, OverlayView } from "../overlay/view.js";
import { faceDrag } from "./face-drag.js";

const GROUNDS = { checkered: "Checkered", dark: "Dark", light: "Light", game: "Like a game" };
const WHO = { party: "The party", few: "5 made-up people", many: `${MOST} made-up people` };
const SIZE = { width: 400, height: 900 }; // what README recommends
const LIMITS = { least: 50, most: 4000 };
const TALLEST = 0.62; // of the window

/** `onPeople(people)` hears who is in the preview, `onPlace(account, {x, y})` where a face was dragged to. */
export function overlayPreview({ tools, frame, root, note }, chosen, { onPeople, onPlace }) {
  const view = new OverlayView(root, chosen);
  const size = { ...SIZE };
  let isSized = false; // by the user
  let who = "";
  let party = { people: [], levels: {} };
  let endDemo = () => {};

  const show = (shown) => {
    view.show(shown);
    if (shown.people) {
      onPeople(shown.people);
      text(note, who === "party" && shown.people.length === 0 ? "Nobody is in the party now. Choose made-up people to see the overlay." : stillness());
    }
  };
  let current = chosen;
  const stillness = () => (current.motion !== "none" && !moves(current) ? "This computer asks for less motion, so nothing moves by the voice here, and neither in OBS on this computer." : "");

  function choose(wanted) {
    who = wanted;
    endDemo();
    endDemo = () => {};
    view.people.clear();
    if (wanted === "party") show(party);
    else endDemo = demo(show, wanted === "many" ? MOST : undefined);
  }

  const fit = () => {
    const scale = Math.min(1, (frame.parentElement.clientWidth - 2) / size.width, (innerHeight * TALLEST) / size.height);
    for (const [name, value] of [["--width", `${size.width}px`], ["--height", `${size.height}px`], ["--zoom", scale]]) frame.style.setProperty(name, value);
  };
  const field = (label, control) => {
    control.id = `preview-${label.toLowerCase()}`;
    tools.append(el("div", {}, el("label", { for: control.id }, label), control));
  };
  const select = (label, words, take) => {
    const input = el("select", { onchange: () => take(input.value) }, ...Object.entries(words).map(([value, shown]) => el("option", { value }, shown)));
    field(label, input);
    return input;
  };
  const people = select("Shows", WHO, choose);
  select("Background", GROUNDS, (ground) => attribute(frame, "data-ground", ground));
  for (const [side, label] of [["width", "Width"], ["height", "Height"]]) {
    const input = el("input", { type: "number", min: LIMITS.least, max: LIMITS.most, value: size[side] });
    input.addEventListener("change", () => {
      const value = Math.round(Number(input.value));
      isSized = true;
      size[side] = Number.isFinite(value) && input.value ? Math.min(LIMITS.most, Math.max(LIMITS.least, value)) : SIZE[side];
      input.value = size[side];
      fit();
    });
    field(label, input);
  }
  new ResizeObserver(fit).observe(frame.parentElement);
  addEventListener("resize", fit);
  faceDrag(root, view, onPlace);
  people.value = "few";
  choose("few");

  return {
    size,
    get isSized() {
      return isSized;
    },
    choose(now) {
      current = now;
      view.choose(now);
      text(note, stillness());
    },
    /** Take a frame of `/people`. The first one with people in it shows the party. */
    receive(received) {
      const first = party.people.length === 0 && received.people?.length > 0;
      party = { ...party, ...received };
      if (first && who === "few") people.value = "party";
      if (people.value !== who) choose(people.value);
      else if (who === "party") show(received);
    },
  };
}
