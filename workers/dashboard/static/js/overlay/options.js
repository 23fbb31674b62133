// The options in the overlay's address. An invalid value means the default.
//
//   layout=column|row|bubbles   align=left|center|right   only=speaking   grace=ms that a speaker stays (1500)
//   shape=round|square|free (as the picture is)   size=px of an avatar (48, less if not all fit)   colour=, background=, ring= as hex: rgb, rrggbb or rrggbbaa   me=1   max=people   events=0
//   demo=1 made-up people
const HEX = /^([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

export function options(query) {
  const choice = (name, ...known) => (known.includes(query.get(name)) ? query.get(name) : known[0]);
  const number = (name, standard, least, most) => {
    const value = query.has(name) ? Number(query.get(name)) : Number.NaN;
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : standard;
  };
  const style = query.has("size") ? { "--size": `${number("size", 48, 16, 400)}px` } : {};
  for (const [name, property] of [["colour", "--colour"], ["color", "--colour"], ["background", "--back"], ["ring", "--ring"]]) {
    const value = (query.get(name) ?? "").replace(/^#/, "");
    if (HEX.test(value)) style[property] = `#${value}`;
  }
  return {
    layout: choice("layout", "column", "row", "bubbles"),
    shape: choice("shape", "round", "square", "free"),
    align: choice("align", "left", "center", "right"),
    only: query.get("only") === "speaking",
    fit: !query.has("size"), // without a chosen size, avatars shrink until everybody fits
    grace: number("grace", 1500, 0, 600000),
    max: number("max", 16, 1, 16),
    me: query.get("me") === "1",
    events: query.get("events") !== "0",
    demo: query.get("demo") === "1",
    style,
  };
}
