// Made-up people who talk, for placing the overlay without a party.
import { LOUDEST } from "./mouth.js";

const NAMES = [
  "Bo-Streams", "Cleo_99", "Duncan", "ella.winter", "Finn", "gwen_the_great", "Hugo", "Ines-K", "jonas", "Kira", "Liam_O", "mona", "Nils", "Olga", "Pete",
];
const FEW = 5;
const LEVEL_MS = 100;
const ACCOUNT = "de30"; // what the made-up accounts begin with
export const MOST = NAMES.length;

/** Return whether a person is a made-up one. */
export const isMadeUp = ({ account }) => account.startsWith(ACCOUNT);

/** Let `show` have frames as `/people` sends them. Return a function that ends it. */
export function demo(show, count = FEW) {
  const people = NAMES.slice(0, count).map((name, index) => ({
    id: name,
    account: `${ACCOUNT}${String(index).padStart(4, "0")}`,
    name,
    avatar: { hue: (index * 137) % 360 },
    speaking: false,
    muted: name === "Finn",
  }));
  const talkers = people.filter(({ muted }) => !muted);
  let present = people;
  let turn = 0;
  let next = 0;
  const change = () => {
    const speaker = talkers[turn++ % talkers.length];
    for (const person of people) person.speaking = person === speaker;
    if (turn % 7 === 0) talkers[(turn + 1) % talkers.length].speaking = true;
    present = turn % 12 > 8 ? people.filter(({ name }) => name !== "Duncan") : people;
    show({ people: present.map((person) => ({ ...person })) });
    next = setTimeout(change, 1200 + ((turn * 379) % 1500));
  };
  const syllables = setInterval(() => {
    const beat = performance.now() / 1000;
    const loud = (index) => Math.round(LOUDEST * Math.max(0, 0.55 + 0.3 * Math.sin(beat * 19 + index) + 0.25 * Math.sin(beat * 5)));
    show({ levels: Object.fromEntries(present.filter(({ speaking }) => speaking).map(({ id }, index) => [id, loud(index)])) });
  }, LEVEL_MS);
  change();
  return () => {
    clearTimeout(next);
    clearInterval(syllables);
  };
}
