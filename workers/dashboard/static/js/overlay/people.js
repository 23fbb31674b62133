// The people of the overlay. Elements change only when somebody joins, leaves or speaks.
import { avatarView } from "../shared/avatar.js";

const LEFT_MS = 4000;
const FADE_MS = 300;

export class People {
  constructor(list, { only, grace, me, max, events }) {
    this.list = list;
    this.only = only;
    this.grace = grace;
    this.me = me;
    this.max = max;
    this.events = events;
    this.shown = new Map();
    this.first = true;
  }

  /** Show everybody who is here now: [{id, name, avatar, speaking, muted, me}]. */
  update(everybody) {
    const present = everybody.filter((person) => this.me || !person.me).slice(0, this.max);
    const ids = new Set(present.map(({ id }) => id));
    for (const person of present) this.one(person);
    for (const [id, place] of this.shown) if (!ids.has(id)) this.leave(id, place);
    this.first = false;
  }

  /** Show nobody as speaking. */
  stopSpeaking() {
    for (const place of this.shown.values()) this.speak(place, false);
  }

  one({ id, name, avatar, speaking = false, muted = false }) {
    let place = this.shown.get(id);
    if (place?.leaving) {
      this.remove(id, place);
      place = undefined;
    }
    if (!place) {
      place = this.make(id);
      if (!this.first && this.events) this.announce(place, "joined");
    }
    if (place.name.textContent !== name) place.name.textContent = name;
    place.avatar.update(name, avatar);
    place.element.classList.toggle("muted", muted);
    this.speak(place, speaking);
  }

  make(id) {
    const element = document.createElement("li");
    const view = avatarView("face");
    const [label, event] = ["name", "said"].map((kind) => {
      const node = document.createElement("span");
      node.className = kind;
      return node;
    });
    event.hidden = true;
    element.className = this.only ? "person away gone" : "person";
    element.append(view.element, label, event);
    this.list.append(element);
    const place = { element, avatar: view, name: label, event, speaking: false, timer: 0, leaving: false };
    this.shown.set(id, place);
    return place;
  }

  speak(place, speaking) {
    if (place.speaking === speaking) return;
    place.speaking = speaking;
    place.element.classList.toggle("speaking", speaking);
    if (!this.only) return;
    if (speaking) this.appear(place);
    else place.timer = setTimeout(() => this.vanish(place), this.grace);
  }

  appear(place) {
    clearTimeout(place.timer);
    place.element.classList.remove("gone", "away");
  }

  vanish(place) {
    place.element.classList.add("away");
    place.timer = setTimeout(() => place.element.classList.add("gone"), FADE_MS);
  }

  announce(place, text) {
    place.event.textContent = text;
    place.event.hidden = false;
    if (this.only) this.appear(place);
    clearTimeout(place.timer);
    place.timer = setTimeout(() => {
      place.event.hidden = true;
      if (this.only && !place.speaking) this.vanish(place);
    }, LEFT_MS);
  }

  leave(id, place) {
    if (place.leaving) return;
    this.speak(place, false);
    clearTimeout(place.timer);
    if (!this.events) return this.remove(id, place);
    place.leaving = true;
    place.event.textContent = "left";
    place.event.hidden = false;
    this.appear(place);
    place.timer = setTimeout(() => {
      place.element.classList.add("away");
      place.timer = setTimeout(() => this.remove(id, place), FADE_MS);
    }, LEFT_MS);
  }

  remove(id, place) {
    clearTimeout(place.timer);
    place.element.remove();
    this.shown.delete(id);
  }
}
