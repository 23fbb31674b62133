// The people of an overlay. Elements change only when somebody joins, leaves, speaks, or gets louder.
import { el, text } from "../shared/dom.js";
import { arrange, Turns } from "./arrange.js";
import { faceView } from "./face.js";

const SAID_MS = 4000;
const FADE_MS = 300;

export class People {
  constructor(list, chosen) {
    this.list = list;
    this.chosen = chosen;
    this.turns = new Turns();
    this.everybody = [];
    this.heard = {};
    this.places = new Map();
    this.here = null; // ids of all who were here at the last update, shown or not
    this.timer = 0;
  }

  /** Show everybody as other options say. */
  choose(chosen) {
    const before = this.chosen;
    this.chosen = chosen;
    if (chosen.only !== before.only) for (const id of [...this.places.keys()]) this.remove(id);
    if (this.here) this.update(this.everybody);
  }

  /** Forget everybody at once. Whoever is shown next was here already. */
  clear() {
    for (const id of [...this.places.keys()]) this.remove(id);
    this.everybody = [];
    this.here = null;
  }

  /** Show everybody who is here now: [{id, account, name, avatar, speaking, muted, me, own}]. */
  update(everybody) {
    const now = performance.now();
    this.everybody = everybody;
    this.turns.note(everybody, now);
    const here = new Set(everybody.map(({ id }) => id));
    const shown = arrange(everybody, this.chosen, this.turns, now);
    const wanted = new Set(shown.map(({ id }) => id));
    for (const [index, person] of shown.entries()) this.one(person, index);
    for (const id of [...this.places.keys()]) {
      if (!here.has(id)) this.leave(id);
      else if (!wanted.has(id)) this.remove(id);
    }
    this.here = here;
    this.arrangeLater(now);
    this.fit();
  }

  /** Move the faces by {id: level}. Whoever is not in it is silent, or their level is unknown. */
  levels(heard) {
    this.heard = heard;
    for (const [id, place] of this.places) this.move(id, place);
  }

  /** Return the account of the person with this element, or undefined. */
  accountOf(element) {
    const id = [...this.places].find(([, place]) => place.element === element)?.[0];
    return this.everybody.find((person) => person.id === id)?.account;
  }

  /** Show nobody as speaking. */
  stopSpeaking() {
    this.heard = {};
    this.update(this.everybody.map((person) => ({ ...person, speaking: false })));
  }

  one({ id, name, avatar, speaking = false, muted = false, size, x, y }, index) {
    let place = this.places.get(id);
    if (place?.leaving) {
      this.remove(id);
      place = undefined;
    }
    if (!place) {
      place = this.make(id);
      if (this.here && !this.here.has(id) && this.chosen.events) this.announce(place, "joined");
    }
    text(place.name, name);
    place.face.update(name, avatar);
    place.scale = x === null ? size / 100 : 0; // what it takes of the column's height
    const { style, classList } = place.element;
    classList.toggle("muted", muted);
    classList.toggle("placed", x !== null);
    for (const [property, value] of [["order", index], ["--scale", size / 100], ["--x", x ?? ""], ["--y", y ?? ""]]) {
      style.setProperty(property, value);
    }
    this.speak(place, speaking);
    this.move(id, place);
  }

  make(id) {
    const face = faceView();
    const name = el("bdi", { class: "name" });
    const event = el("span", { class: "said", hidden: true });
    const element = el("li", { class: this.chosen.only === "speaking" ? "person away gone" : "person" }, face.element, name, event);
    this.list.append(element);
    const place = { element, face, name, event, speaking: false, timer: 0, leaving: false, scale: 1 };
    this.places.set(id, place);
    return place;
  }

  speak(place, speaking) {
    if (place.speaking === speaking) return;
    place.speaking = speaking;
    place.element.classList.toggle("speaking", speaking);
    if (this.chosen.only !== "speaking") return;
    if (speaking) this.appear(place);
    else place.timer = setTimeout(() => this.vanish(place), this.chosen.grace);
  }

  move(id, place) {
    const level = place.speaking ? (this.heard[id] ?? null) : 0;
    place.face.move(place.speaking ? this.chosen.motion : "none", level);
  }

  appear(place) {
    clearTimeout(place.timer);
    place.element.classList.remove("gone", "away");
  }

  vanish(place) {
    place.element.classList.add("away");
    place.timer = setTimeout(() => place.element.classList.add("gone"), FADE_MS);
  }

  announce(place, words) {
    text(place.event, words);
    place.event.hidden = false;
    if (this.chosen.only === "speaking") this.appear(place);
    clearTimeout(place.timer);
    place.timer = setTimeout(() => {
      place.event.hidden = true;
      if (this.chosen.only === "speaking" && !place.speaking) this.vanish(place);
    }, SAID_MS);
  }

  leave(id) {
    const place = this.places.get(id);
    if (place.leaving) return;
    this.speak(place, false);
    this.move(id, place);
    clearTimeout(place.timer);
    if (!this.chosen.events) return this.remove(id);
    place.leaving = true;
    text(place.event, "left");
    place.event.hidden = false;
    this.appear(place);
    place.timer = setTimeout(() => {
      place.element.classList.add("away");
      place.timer = setTimeout(() => {
        this.remove(id);
        this.fit();
      }, FADE_MS);
    }, SAID_MS);
  }

  remove(id) {
    const place = this.places.get(id);
    clearTimeout(place.timer);
    place.element.remove();
    this.places.delete(id);
  }

  /** Arrange again when somebody's turn is over. */
  arrangeLater(now) {
    clearTimeout(this.timer);
    const ms = this.chosen.order === "speaking" ? this.turns.next(now, this.chosen.grace) : null;
    if (ms !== null) this.timer = setTimeout(() => this.update(this.everybody), ms + 1);
  }

  /** Tell the style sheet how many rows are to fit below each other. */
  fit() {
    const rows = [...this.places.values()].reduce((sum, { scale }) => sum + scale, 0);
    this.list.style.setProperty("--count", Math.max(1, rows));
  }
}
