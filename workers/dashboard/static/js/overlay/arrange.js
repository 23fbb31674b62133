// Who is shown, as whom, and in which order. Pure.
import { plain } from "./choices.js";

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Who spoke lately. Speakers keep their place in front for a while, so that rows do not jump in each pause. */
export class Turns {
  constructor() {
    this.speaking = new Set();
    this.ended = new Map();
  }

  note(everybody, now) {
    const present = new Set(everybody.filter(({ speaking }) => speaking).map(({ id }) => id));
    for (const id of this.speaking) if (!present.has(id)) this.ended.set(id, now);
    this.speaking = present;
    const here = new Set(everybody.map(({ id }) => id));
    for (const id of this.ended.keys()) if (!here.has(id)) this.ended.delete(id);
  }

  isRecent(id, now, grace) {
    return this.speaking.has(id) || now - (this.ended.get(id) ?? -Infinity) < grace;
  }

  /** Return in how many ms the next one is no longer recent, or null. */
  next(now, grace) {
    const left = [...this.ended].filter(([id]) => !this.speaking.has(id)).map(([, at]) => at + grace - now).filter((ms) => ms > 0);
    return left.length > 0 ? Math.min(...left) : null;
  }
}

/** Return [{id, account, name, avatar, speaking, muted, size, x, y}] in the order in which they are shown. */
export function arrange(everybody, chosen, turns, now) {
  const choices = new Map(chosen.people.map((choice) => [choice.account, choice]));
  const shown = everybody.filter((person) => isShown(person, chosen, everybody)).map((person) => {
    const { hidden, nick, size, x, y } = choices.get(person.account) ?? plain(person.account);
    return { ...person, name: nick || person.name, hidden, size, x, y };
  });
  const inOrder = ordered(shown.filter(({ hidden }) => !hidden), chosen, turns, now);
  return inOrder.slice(0, chosen.max);
}

/** partyline's own account says nothing. It stands for the person who runs it while nobody said who that is. */
function isShown({ me, own }, chosen, everybody) {
  if (own) return chosen.me;
  return !me || (chosen.me && !everybody.some((other) => other.own));
}

function ordered(people, { order, people: choices, grace }, turns, now) {
  if (order === "name") return [...people].sort((a, b) => collator.compare(a.name, b.name));
  if (order === "speaking") return byRank(people, ({ id }) => (turns.isRecent(id, now, grace) ? 0 : 1));
  if (order === "hand") {
    const places = new Map(choices.map(({ account }, place) => [account, place]));
    return byRank(people, ({ account }) => places.get(account) ?? choices.length);
  }
  return people;
}

/** Sort by rank. Equal ones keep their order. */
function byRank(people, rank) {
  return [...people].sort((a, b) => rank(a) - rank(b));
}
