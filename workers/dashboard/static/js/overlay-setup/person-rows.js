// What is chosen for single people: hidden, nickname, size, place, and their place in an order by hand.
import { el, keyed, show, text } from "../shared/dom.js";
import { isMadeUp } from "../overlay/demo.js";
import { isPlain, nickname, PLACE, plain, SIZE } from "../overlay/choices.js";

const MIDDLE = { x: 50, y: 50 }; // where a person starts who gets a place of their own

/** `onChange(people)` hears of the choices of all, in the order of the rows. */
export function personRows(place, onChange) {
  const rows = new Map();
  const list = el("ul", { class: "persons" });
  const nobody = el("p", { class: "dim" }, "Nobody is here. Choose made-up people above to try this, or come back while you are in a party.");
  place.append(
    el("h2", { id: "persons-title" }, "People"),
    el("p", { class: "dim hint" }, "Choices stay with the account, whatever the person is called later. Drag a face in the preview to give it a place of its own."),
    nobody,
    list,
  );
  let people = [];

  function choose(account, change) {
    people = people.map((person) => (person.account === account ? { ...person, ...change } : person));
    onChange(people.map(choiceOf));
  }

  function move(account, by) {
    const from = people.findIndex((person) => person.account === account);
    const to = from + by;
    if (to < 0 || to >= people.length) return;
    [people[from], people[to]] = [people[to], people[from]];
    choose(account, {});
  }

  return {
    choose,
    /** Show a row for each who is here, and for each with a choice. */
    update(present, chosen) {
      people = rowsOf(present, chosen);
      show(nobody, people.length === 0);
      keyed(list, rows, people, ({ account }) => account, ({ account }) => personRow(account, choose, move));
      for (const [at, { account }] of people.entries()) rows.get(account).order(chosen.order === "hand", at === 0, at === people.length - 1);
    },
    /** Return the choices without those for people who are not here. */
    ofPresent: () => people.filter(({ here }) => here).map(choiceOf),
  };
}

const choiceOf = ({ account, hidden, nick, size, x, y }) => ({ account, hidden, nick, size, x, y });

/** Return [{...choice, name, mark, here}]: in an order by hand the chosen ones first, else those who are here. */
function rowsOf(present, { people, order }) {
  const here = new Map(present.map((person) => [person.account, person]));
  const known = new Set(people.map(({ account }) => account));
  const others = [...here.keys()].filter((account) => !known.has(account)).map(plain);
  const kept = people.filter((choice) => here.has(choice.account) || !(isMadeUp(choice) || (isPlain(choice) && order !== "hand")));
  const all = [...kept, ...others].map((choice) => ({ ...choice, name: "", mark: "", ...here.get(choice.account), here: here.has(choice.account) }));
  if (order === "hand") return all;
  const places = new Map([...here.keys()].map((account, place) => [account, place]));
  return all.sort((a, b) => (places.get(a.account) ?? here.size) - (places.get(b.account) ?? here.size));
}

function personRow(account, choose, move) {
  const name = el("bdi");
  const away = el("span", { class: "dim" });
  const up = el("button", { type: "button", class: "small", onclick: () => move(account, -1) }, "↑");
  const down = el("button", { type: "button", class: "small", onclick: () => move(account, 1) }, "↓");
  const hidden = el("input", { type: "checkbox", onchange: () => choose(account, { hidden: hidden.checked }) });
  const nick = el("input", { type: "text", maxLength: 40, placeholder: "online ID", oninput: () => choose(account, { nick: nickname(nick.value) }) });
  const size = el("input", { type: "number", min: SIZE.least, max: SIZE.most, step: 5 });
  const placed = el("input", { type: "checkbox", onchange: () => choose(account, placed.checked ? MIDDLE : { x: null, y: null }) });
  const [x, y] = ["x", "y"].map(() => el("input", { type: "number", min: PLACE.least, max: PLACE.most, step: 1 }));
  const where = el("span", { class: "where" }, el("label", {}, "across in %", x), el("label", {}, "down in %", y));
  const number = (input, field, { least, most, standard = MIDDLE[field] }) => {
    const chosen = () => (input.value ? Math.min(most, Math.max(least, Math.round(Number(input.value)))) : standard);
    input.addEventListener("input", () => choose(account, { [field]: chosen() }));
    input.addEventListener("change", () => (input.value = chosen())); // what was typed may be out of range
  };
  number(size, "size", SIZE);
  number(x, "x", PLACE);
  number(y, "y", PLACE);
  const element = el(
    "li",
    { class: "person-row" },
    el("div", { class: "who" }, el("strong", {}, name), away, up, down),
    el("label", { class: "check" }, hidden, "Hidden"),
    el("label", { class: "nick" }, "Shown as", nick),
    el("label", {}, "Size in %", size),
    el("label", { class: "check" }, placed, "A place of its own"),
    where,
  );
  const put = (input, value) => {
    if (document.activeElement !== input || input.type === "checkbox") input.value = value;
  };
  return {
    element,
    update(person) {
      const called = person.name || person.nick || `account ${account}`;
      text(name, called);
      text(away, person.here ? person.mark : "not here now");
      for (const [control, words] of [[up, "Move up"], [down, "Move down"], [hidden, "Hidden"], [nick, "Shown as"], [size, "Size in %"], [placed, "A place of its own"], [x, "across in %"], [y, "down in %"]]) {
        control.setAttribute("aria-label", `${words}: \u2068${called}\u2069`); // isolated, as <bdi>
      }
      hidden.checked = person.hidden;
      placed.checked = person.x !== null;
      show(where, person.x !== null);
      put(nick, person.nick);
      put(size, person.size);
      put(x, person.x ?? "");
      put(y, person.y ?? "");
    },
    order(byHand, first, last) {
      show(up, byHand);
      show(down, byHand);
      up.disabled = first;
      down.disabled = last;
    },
  };
}
