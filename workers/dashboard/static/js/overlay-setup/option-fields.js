// The form of the overlay's options. Each option of `options.js` has one field here.
import { attribute, el, show, text } from "../shared/dom.js";
import { OPTIONS } from "../overlay/options.js";
import { hexOf, partsOf } from "./colours.js";

const GROUPS = [
  ["Rows", ["layout", "align", "order", "only", "max", "grace"]],
  ["Faces", ["shape", "size", "motion", "dim"]],
  ["Colours", ["colour", "background", "ring"]],
  ["Shown besides", ["me", "events", "demo"]],
];
export const FIELDS = {
  layout: { label: "Layout", words: { column: "Column", row: "Rows", bubbles: "Faces only" } },
  align: { label: "Aligned", words: { left: "Left", center: "Centre", right: "Right" } },
  order: { label: "Order", words: { joined: "As they joined", name: "By name", speaking: "Who speaks first", hand: "By hand, below" } },
  only: { label: "Who", words: { everybody: "Everybody", speaking: "Only who speaks" } },
  max: { label: "At most", unit: "people", step: 1 },
  grace: { label: "A speaker stays", unit: "ms", step: 100, most: 10000 },
  shape: { label: "Shape", words: { round: "Round", square: "Square", free: "As the picture is" } },
  size: { label: "Size", unit: "px", step: 1, automatic: "as fits", start: 48 },
  motion: { label: "While speaking", words: { none: "Still", bounce: "Bounces with the voice", mouth: "Mouth pictures by loudness" } },
  dim: { label: "Silent faces", unit: "% darker", step: 5 },
  colour: { label: "Names", usual: "ffffff" },
  background: { label: "Behind names", usual: "101318b8", alpha: true },
  ring: { label: "Ring of a speaker", usual: "43c583" },
  me: { label: "Yourself (your console's account)" },
  events: { label: "“joined” and “left”" },
  demo: { label: "Made-up people, in OBS too, until you switch this off" },
};
const MAKE = { choice: choiceField, number: numberField, colour: colourField, flag: flagField };

/** Put the form into `place`. `onChange(name, value)` hears of each change; `update(chosen)` shows other options. */
export function optionFields(place, onChange) {
  const fields = Object.entries(OPTIONS).map(([name, option]) => [
    name,
    MAKE[option.kind](name, option, FIELDS[name], (value) => onChange(name, value)),
  ]);
  const made = new Map(fields);
  for (const [legend, names] of GROUPS) {
    const rows = names.map((name) => made.get(name).element);
    place.append(el("fieldset", { class: "card" }, el("legend", {}, legend), ...rows));
  }
  place.addEventListener("submit", (event) => event.preventDefault());
  return { update: (chosen) => fields.forEach(([name, { set }]) => set(chosen[name])) };
}

function row(id, label, ...controls) {
  return el("div", { class: "option" }, el("label", { for: id }, label), el("div", { class: "controls" }, ...controls));
}

function choiceField(name, { values }, { label, words }, onChange) {
  const id = `option-${name}`;
  const input = el("select", { id, onchange: () => onChange(input.value) }, ...values.map((value) => el("option", { value }, words[value])));
  return { element: row(id, label, input), set: (value) => (input.value = value) };
}

function numberField(name, { least, most }, { label, unit, step, automatic, start, most: usual = most }, onChange) {
  const id = `option-${name}`;
  const output = el("output", { class: "value" });
  const input = el("input", { type: "range", id, min: least, max: usual, step });
  const fits = el("input", { type: "checkbox", id: `${id}-fits` });
  const shown = (value) => {
    const words = value === null ? automatic : `${value} ${unit}`;
    text(output, words);
    attribute(input, "aria-valuetext", words);
    input.disabled = value === null;
  };
  const send = () => {
    const value = fits.checked ? null : Number(input.value);
    shown(value);
    onChange(value);
  };
  input.addEventListener("input", send);
  fits.addEventListener("change", send);
  const automatically = el("label", { class: "check" }, fits, "As fits");
  show(automatically, Boolean(automatic));
  return {
    element: row(id, label, input, output, automatically),
    set(value) {
      fits.checked = value === null;
      input.value = value ?? start;
      shown(value);
    },
  };
}

function colourField(name, _option, { label, usual, alpha = false }, onChange) {
  const id = `option-${name}`;
  const input = el("input", { type: "color", id });
  const opacity = el("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": `${label}: opacity` });
  const output = el("output", { class: "value" });
  const usually = el("button", { type: "button", class: "quiet small", "aria-label": `${label}: as usual`, onclick: () => take("") }, "As usual");
  const set = (value) => {
    const { colour, percent } = partsOf(value || usual);
    input.value = colour;
    opacity.value = percent;
    text(output, `${percent} %`);
    usually.disabled = !value;
  };
  const take = (value) => {
    const wanted = value === usual ? "" : value;
    set(wanted);
    onChange(wanted);
  };
  for (const control of [input, opacity]) control.addEventListener("input", () => take(hexOf(input.value, Number(opacity.value))));
  for (const control of [opacity, output]) show(control, alpha);
  return { element: row(id, label, input, opacity, output, usually), set };
}

function flagField(name, _option, { label }, onChange) {
  const input = el("input", { type: "checkbox", id: `option-${name}`, onchange: () => onChange(input.checked) });
  return { element: el("label", { class: "check" }, input, label), set: (value) => (input.checked = value) };
}
