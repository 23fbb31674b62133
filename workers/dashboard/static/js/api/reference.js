// The sections of the contract: rights, requests, topics, frames, objects, errors. What is opened is made then.
import { el, rich, text } from "../shared/dom.js";
import { remembered } from "../shared/remembered.js";
import { LANGUAGES, snippet } from "./snippets.js";
import { tryRequest } from "./try-request.js";

const language = remembered("api-language", LANGUAGES);

const words = (tag, value, properties = {}) => {
  const made = el(tag, properties);
  rich(made, value);
  return made;
};
const link = (id, name) => el("a", { href: `#${id}` }, el("code", {}, name));
const list = (items) => el("p", { class: "names" }, ...items.flatMap((item, index) => [...(index ? [", "] : []), item]));

/** Return an entry that can be linked to and searched. */
function entry(id, name, badge, ...inside) {
  const anchor = el("a", { class: "anchor", href: `#${id}`, "aria-label": `Link to ${name}` }, "#");
  return el("article", { id }, el("div", { class: "head" }, el("h3", {}, el("code", {}, name)), badge ? el("span", { class: "badge", "data-right": badge }, badge) : null, anchor), ...inside);
}

function fieldList(fields) {
  if (!fields.length) return el("p", { class: "dim" }, "No fields.");
  return el("dl", { class: "fields" }, ...fields.flatMap((field) => [
    el("dt", {}, el("code", {}, field.name), " ", el("span", { class: "kind" }, ...field.kind.map((part) => (part.ref ? link(`type-${part.ref}`, part.ref) : part))),
      field.required ? el("span", { class: "needed" }, " needed") : field.fallback ? el("span", { class: "kind" }, ` = ${field.fallback}`) : null),
    words("dd", field.about),
  ]));
}

export function rightsTable(place, { rights, refused, operations }) {
  const rows = rights.map(({ right, may }) =>
    el("tr", {}, el("th", { scope: "row" }, el("code", {}, right)), el("td", {}, `It may ${may}.`, list(operations.filter((one) => one.right === right).map(({ id }) => link(id, id))))));
  place.append(
    el("table", {}, el("caption", { class: "unseen" }, "What each right allows"), el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "right"), el("th", { scope: "col" }, "allows"))), el("tbody", {}, ...rows)),
    el("details", {}, el("summary", {}, "What no key allows"), el("ul", { class: "points" }, ...refused.map(({ name, why }) => words("li", `\`${name}\`: ${why}`)))),
  );
}

export function requestList(place, operations, caller, origin) {
  const picked = el("select", { "aria-label": "Language of the examples" }, ...LANGUAGES.map((value) => el("option", { value }, value)));
  const shown = [];
  picked.value = language.get();
  picked.onchange = () => {
    language.set(picked.value);
    for (const draw of shown) draw();
  };
  place.append(el("label", { class: "check" }, "Examples in", picked));
  for (const operation of operations) {
    const code = el("pre", { tabIndex: 0, "aria-label": `Example of ${operation.id}` });
    const draw = () => text(code, snippet(language.get(), operation, origin));
    const how = opened("Example", () => {
      shown.push(draw);
      draw();
      return code;
    });
    const form = opened("Try it", () => tryRequest(operation, caller));
    place.append(entry(operation.id, operation.id, operation.right,
      el("p", { class: "path" }, el("code", {}, `${operation.method} ${operation.path}`)), words("p", operation.about),
      operation.confirm ? words("p", `Asked about first: ${operation.confirm}`, { class: "hint" }) : null,
      fieldList(operation.fields),
      el("p", { class: "hint" }, "Answer: ", link(`type-${operation.reply}`, operation.reply), ". Errors: ", ...operation.errors.flatMap((status, index) => [index ? ", " : "", el("a", { href: `#error-${status}` }, String(status))])),
      how, form));
  }
}

/** Return a part that is made when it is opened first. */
function opened(title, make) {
  const element = el("details", {}, el("summary", {}, title));
  element.addEventListener("toggle", () => element.open && element.children.length === 1 && element.append(make()));
  return element;
}

export function topicList(place, topics) {
  for (const { topic, type, retained, about, fields } of topics) {
    const kept = retained ? "The last one of each key is part of the state." : "It is no part of the state.";
    place.append(entry(`topic-${topic}`, topic, "", words("p", `Sent: ${about.charAt(0).toLowerCase()}${about.slice(1)} ${kept}`), el("p", { class: "hint", id: `type-${type}` }, `Object: ${type}`), fieldList(fields)));
  }
}

export function frameList(place, frames) {
  for (const { name, op, from, about, fields } of frames) {
    place.append(entry(`frame-${op}`, op, `from the ${from}`, words("p", about), el("p", { class: "hint", id: `type-${name}` }, `Object: ${name}`), fieldList(fields)));
  }
}

export function typeList(place, types) {
  for (const { name, about, fields } of types) place.append(entry(`type-${name}`, name, "", words("p", about), fieldList(fields)));
}

export function errorList(place, errors) {
  for (const { status, about } of errors) place.append(entry(`error-${status}`, String(status), "", words("p", about)));
}
