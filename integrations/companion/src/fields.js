// Fields that several actions and feedbacks have, and what their values mean.
export const PLACES = 16; // the most people in a party

const MODES = [
  { id: "toggle", label: "Toggle" },
  { id: "on", label: "On" },
  { id: "off", label: "Off" },
];

/**
 * Return the field that chooses a talker: by account, by place, the loudest one, or by a name that is typed.
 * @param {import("./view.js").Person[]} people
 * @returns {import("@companion-module/base").CompanionInputFieldDropdown}
 */
export function talkerField(people) {
  const persons = people.map(({ accountId, name, talker }) => ({ id: accountId, label: talker ? name : `${name} (away)` }));
  const places = Array.from({ length: PLACES }, (_, index) => ({ id: String(index + 1), label: `Place ${index + 1}` }));
  return {
    type: "dropdown",
    id: "talker",
    label: "Talker",
    choices: [...persons, ...places, { id: "loudest", label: "Loudest speaker" }],
    default: "1",
    allowCustom: true,
    allowInvalidValues: true, // an expression may give the id of someone who is not here
    tooltip: "Someone in the party, a place, or the online id of someone who is not here yet",
    expressionDescription: "An online id, an account id, a place from 1 to 16, or 'loudest'",
  };
}

/** @param {string} label @returns {import("@companion-module/base").CompanionInputFieldDropdown} */
export function modeField(label) {
  return { type: "dropdown", id: "mode", label, choices: MODES, default: "toggle" };
}

/** @param {{name: string}[]} outputs @returns {import("@companion-module/base").CompanionInputFieldDropdown} */
export function outputField(outputs) {
  const names = outputs.length ? outputs.map(({ name }) => name) : ["main"];
  const choices = names.map((name) => ({ id: name, label: name }));
  return { type: "dropdown", id: "output", label: "Output", choices, default: "main", allowCustom: true, allowInvalidValues: true };
}

/** Return what a mode makes of a switch that is `on` now. @param {unknown} mode @param {boolean} on */
export function switched(mode, on) {
  return mode === "toggle" ? !on : mode === "on";
}
