// What was chosen for single people, as an overlay's address says it: `p=3fa9c21b.h` or `p=3fa9c21b.s150.x10.y90.nBo`.
// The parts are the account as the server names it, h (hidden), s (size in percent), x and y (place in percent of the
// overlay), and at last n with a nickname. An address does not have to escape any of this but nicknames. Pure.
const ACCOUNT = /^[0-9a-f]{8}$/;
const MOST_LETTERS = 40; // of a nickname. An online id has 16
export const SIZE = { least: 25, most: 400, standard: 100 };
export const PLACE = { least: 0, most: 100 };

export const plain = (account) => ({ account, hidden: false, nick: "", size: SIZE.standard, x: null, y: null });

/** Return whether nothing was chosen for this person, except perhaps a place in the order. */
export function isPlain({ hidden, nick, size, x }) {
  return !hidden && !nick && size === SIZE.standard && x === null;
}

/** Return a nickname as it is shown: no line break, no control character, not too long. */
export function nickname(text) {
  const clean = text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").replace(/\s+/g, " ").trim();
  return [...clean].slice(0, MOST_LETTERS).join("").trim();
}

/** Return the choices of an address, of each account the first. */
export function choicesOf(texts) {
  const found = new Map();
  for (const choice of texts.map(read)) if (choice && !found.has(choice.account)) found.set(choice.account, choice);
  return [...found.values()];
}

/** Return the texts that `choicesOf` reads. `all`: also of people for whom nothing but their place in the order counts. */
export function writtenChoices(people, all) {
  return people.filter((choice) => all || !isPlain(choice)).map(write);
}

function read(text) {
  const [account, ...parts] = text.split(".");
  if (!ACCOUNT.test(account)) return null;
  const choice = plain(account);
  for (const [at, part] of parts.entries()) {
    const [kind, rest] = [part[0], part.slice(1)];
    if (kind === "n") {
      choice.nick = nickname([rest, ...parts.slice(at + 1)].join("."));
      break;
    }
    if (kind === "h") choice.hidden = true;
    else if (kind === "s") choice.size = whole(rest, SIZE) ?? SIZE.standard;
    else if (kind === "x" || kind === "y") choice[kind] = whole(rest, PLACE);
  }
  if (choice.x === null || choice.y === null) choice.x = choice.y = null;
  return choice;
}

function write({ account, hidden, nick, size, x, y }) {
  const parts = [account];
  if (hidden) parts.push("h");
  if (size !== SIZE.standard) parts.push(`s${size}`);
  if (x !== null) parts.push(`x${x}`, `y${y}`);
  if (nick) parts.push(`n${nick}`);
  return parts.join(".");
}

function whole(text, { least, most }) {
  return /^\d{1,4}$/.test(text) ? Math.min(most, Math.max(least, Number(text))) : null;
}
