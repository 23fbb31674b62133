// The options in the overlay's address: read, and written again. An invalid value means the default. Pure.
//
// `partyline dashboard --help` says what each means. `p` is one person's, and can be there for each person: `choices.js`.
import { choicesOf, writtenChoices } from "./choices.js";

const HEX = /^([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

const choice = (...values) => ({ kind: "choice", values, standard: values[0] });
const number = (least, most, standard) => ({ kind: "number", least, most, standard });
const flag = (standard) => ({ kind: "flag", standard });
const colour = (property, ...also) => ({ kind: "colour", standard: "", property, also });

/** Name in the address → what it can be. The order is that of a written address. */
export const OPTIONS = {
  layout: choice("column", "row", "bubbles"),
  align: choice("left", "center", "right"),
  order: choice("joined", "name", "speaking", "hand"),
  only: choice("everybody", "speaking"),
  shape: choice("round", "square", "free"),
  motion: choice("none", "bounce", "mouth"),
  size: number(16, 400, null), // px of a face. null: 48, less if not all fit
  dim: number(0, 90, 40), // percent that a face is darker while its person is silent
  max: number(1, 16, 16),
  grace: number(0, 600000, 1500), // ms that a speaker keeps their place
  me: flag(false),
  events: flag(true),
  demo: flag(false),
  colour: colour("--colour", "color"),
  background: colour("--back"),
  ring: colour("--ring"),
};

const READ = {
  choice: ({ values, standard }, text) => (values.includes(text) ? text : standard),
  number({ least, most, standard }, text) {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : standard;
  },
  flag: ({ standard }, text) => (text === "1" || text === "0" ? text === "1" : standard),
  colour({ standard }, text) {
    const value = text.replace(/^#/, "").toLowerCase();
    return HEX.test(value) ? value : standard;
  },
};

/** Return the options of an address, `query` being its URLSearchParams. */
export function options(query) {
  const chosen = {};
  for (const [name, option] of Object.entries(OPTIONS)) {
    const text = [name, ...(option.also ?? [])].map((known) => query.get(known)).find((value) => value !== null);
    chosen[name] = text === undefined ? option.standard : READ[option.kind](option, text);
  }
  chosen.people = choicesOf(query.getAll("p"));
  return chosen;
}

/** Return the URLSearchParams that `options` reads as `chosen`. What is the default is left out. */
export function written(chosen) {
  const query = new URLSearchParams();
  for (const [name, { kind, standard }] of Object.entries(OPTIONS)) {
    if (chosen[name] !== standard) query.set(name, kind === "flag" ? Number(chosen[name]) : chosen[name]);
  }
  for (const text of writtenChoices(chosen.people, chosen.order === "hand")) query.append("p", text);
  return query;
}

/** Return CSS custom property → value, empty where the style sheet's own applies. */
export function style(chosen) {
  const found = {
    "--size": chosen.size === null ? "" : `${chosen.size}px`,
    "--darker": `${chosen.dim / 100}`,
  };
  for (const [name, { property }] of Object.entries(OPTIONS)) {
    if (property) found[property] = chosen[name] && `#${chosen[name]}`;
  }
  return found;
}
