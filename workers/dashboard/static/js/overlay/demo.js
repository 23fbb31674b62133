// Made-up people who talk, for placing the overlay in OBS without a party.
const NAMES = ["Bo-Streams", "Cleo_99", "Duncan", "ella.winter", "Finn"];

export function demo(show) {
  const people = NAMES.map((name, index) => ({ id: name, name, avatar: { hue: (index * 137) % 360 }, speaking: false, muted: name === "Finn" }));
  let turn = 0;
  const next = () => {
    const speaker = people[turn++ % 4];
    for (const person of people) person.speaking = person === speaker;
    if (turn % 7 === 0) people[(turn + 1) % 4].speaking = true;
    const present = turn % 12 > 8 ? people.filter(({ name }) => name !== "Duncan") : people;
    show(present.map((person) => ({ ...person })));
    setTimeout(next, 1200 + ((turn * 379) % 1500));
  };
  next();
}
