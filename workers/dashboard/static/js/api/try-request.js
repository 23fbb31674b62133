// A request that can be tried: a field for each of its fields, and the answer. What lasts is asked about first.
import { attribute, el, rich, text } from "../shared/dom.js";
import { given } from "./kinds.js";
import { MEMBERS } from "./member-list.js";
import { example } from "./snippets.js";

/** Return the form of one operation. `caller` has the key. */
export function tryRequest(operation, caller) {
  const values = example(operation);
  const inputs = operation.fields.map((field) => [field, inputOf(field, values[field.name])]);
  const send = el("button", { type: "submit", class: "primary" }, "Send");
  const note = el("span", { class: "dim" });
  const answer = el("pre", { class: "answer", tabIndex: 0, hidden: true, "aria-label": `Answer to ${operation.id}` });
  const said = el("p", { role: "status" });
  const form = el("form", { class: "try", autocomplete: "off" },
    ...inputs.map(([field, input]) => el("label", { class: "field" }, el("code", {}, field.name), input)),
    el("div", { class: "line" }, send, note), said, answer);

  async function run(fields) {
    send.disabled = true;
    text(said, "Sent …");
    try {
      show(await caller.ask(operation, fields));
      text(said, "Done.");
    } catch (error) {
      rich(said, `${error.message} ${error.remedy ?? ""}`);
      show({ error: { code: error.code, message: error.message, remedy: error.remedy } });
    } finally {
      update();
    }
  }
  function show(value) {
    text(answer, JSON.stringify(value, null, 2));
    answer.hidden = false;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = {};
    for (const [field, input] of inputs) {
      const [has, value, problem] = read(field, input);
      input.setCustomValidity(problem);
      if (problem) return input.reportValidity();
      if (has) fields[field.name] = value;
    }
    if (!operation.confirm || (await confirmed(operation))) run(fields);
  });
  function update() {
    send.disabled = !caller.may(operation);
    text(note, caller.may(operation) ? "" : caller.hello ? `This key does not allow it: it needs ${operation.right}.` : `Give a key of the right ${operation.right} above.`);
  }
  for (const [, input] of inputs) input.addEventListener("input", () => input.setCustomValidity(""));
  caller.changed.push(update);
  update();
  return form;
}

function inputOf(field, value) {
  const schema = given(field.schema);
  const label = { "aria-label": field.name };
  const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
  if (choices) {
    const input = el("select", label, ...(field.required ? [] : [el("option", { value: "" }, "(left out)")]), ...choices.map((one) => el("option", { value: JSON.stringify(one) }, String(one))));
    input.value = value === undefined ? "" : JSON.stringify(value);
    return input;
  }
  const input = el("input", { type: "text", spellcheck: false, placeholder: field.required ? "" : "(left out)", ...label });
  input.value = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  attribute(input, "list", field.name === "peer" ? MEMBERS : null);
  attribute(input, "inputmode", ["number", "integer"].includes(schema.type) ? "decimal" : null);
  return input;
}

/** Return whether a field is sent, its value, and what is wrong with it. */
function read(field, input) {
  const [words, { type, enum: choices }] = [input.value.trim(), given(field.schema)];
  if (!words && !field.required) return [false, null, ""];
  if (type === "string" && !choices) return [true, words, ""];
  try {
    return [true, JSON.parse(words), ""];
  } catch {
    return [false, null, type === "array" ? 'Write a list, as ["Bo-Streams"].' : "Write a number."];
  }
}

/** Ask whether a request that lasts is to be made. */
function confirmed({ id, confirm }) {
  const cancel = el("button", { type: "button" }, "Cancel");
  const go = el("button", { type: "button", class: "stop" }, `Send ${id}`);
  const title = `confirm-${id}`;
  const dialog = el("dialog", { "aria-labelledby": title }, el("h2", { id: title }, `Really send ${id}?`), el("p", {}, confirm), el("div", { class: "line end" }, cancel, go));
  document.body.append(dialog);
  dialog.showModal();
  cancel.focus();
  return new Promise((resolve) => {
    let sure = false;
    go.onclick = () => {
      sure = true;
      dialog.close();
    };
    cancel.onclick = () => dialog.close();
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(sure);
    });
  });
}
