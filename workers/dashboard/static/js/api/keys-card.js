// The keys of other programs: listed, made, renamed, revoked. A new key is shown once, and is nowhere else on the page.
import { attribute, el, keyed, text } from "../shared/dom.js";
import { copied } from "../shared/clipboard.js";
import { counted, span } from "../shared/format.js";

const ASK_MS = 15000; // while the card is open: the last uses
const CONFIRM_MS = 5000;
const RIGHTS = ["control", "read", "admin"]; // the usual one first

export function apiKeysCard(place, requests, linked) {
  const summary = el("span", { class: "dim" });
  const list = el("ul", { class: "api-keys" });
  const name = el("input", { type: "text", maxLength: 60, required: true, autocomplete: "off", placeholder: "Stream Deck", "aria-label": "Program that gets a key" });
  const right = el("select", { "aria-label": "Right of the key", "aria-describedby": "api-key-may" }, ...RIGHTS.map((value) => el("option", { value }, value)));
  const make = el("button", { type: "submit" }, "Make a key");
  const may = el("p", { class: "dim hint", id: "api-key-may" });
  const form = el("form", { class: "line" }, name, right, make);
  const fresh = newKey(requests);
  const about = el("p", { class: "dim hint" }, "Buttons, faders and scripts see and control this party, each with a key of its own. ", el("a", { href: "/api" }, "What they can do"), ".");
  const box = el("details", {}, el("summary", {}, el("h2", {}, "Other programs"), summary), about, list, form, may, fresh.element);
  const rows = new Map();
  let [rights, now] = [{}, Date.now() / 1000];
  place.append(box);

  async function ask() {
    const found = await requests.run("ListApiKeys");
    if (!found) return;
    rights = found.rights;
    const keys = found.keys.map((key) => ({ ...key, now }));
    keyed(list, rows, keys, (key) => key.key_id, (key) => row(key, requests, ask));
    text(summary, keys.length ? counted(keys.length, "key") : "no key yet");
    tell();
  }
  const tell = () => text(may, rights[right.value] ? `It may ${rights[right.value]}.` : "");
  right.onchange = tell;
  box.addEventListener("toggle", () => box.open && ask());
  setInterval(() => box.open && !document.hidden && linked() && ask(), ASK_MS);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const made = await requests.during(make, () => requests.run("MakeApiKey", { name: name.value, right: right.value }));
    if (!made) return;
    name.value = "";
    fresh.show(made);
    await ask();
  });
  return {
    update(state) {
      now = state.now;
    },
  };
}

/** Return where a new key is shown, once. It is gone when it is closed. */
function newKey(requests) {
  const title = el("strong");
  const words = el("p", { class: "hint" });
  const key = el("input", { type: "text", readOnly: true, spellcheck: false, "aria-label": "The new key" });
  const copy = el("button", { type: "button", class: "primary" }, "Copy");
  const close = el("button", { type: "button" }, "Done");
  const element = el("div", { class: "new-api-key", role: "group", "aria-label": "A new key", hidden: true }, title, key, el("div", { class: "line" }, copy, close), words);
  key.onfocus = () => key.select();
  copy.onclick = async () => {
    if (await copied(key.value)) return requests.confirm("Copied. Paste it into the program now.");
    key.focus();
    requests.toast("The browser did not allow copying.", "The key is selected. Copy it with Ctrl+C or ⌘C.");
  };
  close.onclick = () => {
    key.value = "";
    element.hidden = true;
  };
  return {
    element,
    show(made) {
      text(title, `The key of ${made.name}`);
      text(words, `It may ${made.may}. It is shown this once: nobody can read it again. It works from the next second on.`);
      key.value = made.key;
      element.hidden = false;
      copy.focus();
    },
  };
}

function row(first, requests, again) {
  let key = first;
  const name = el("strong", { class: "wrap" });
  const about = el("span", { class: "dim" });
  const rename = el("button", { type: "button", class: "small quiet" }, "Rename");
  const revoke = el("button", { type: "button", class: "small quiet" }, "Revoke");
  const input = el("input", { type: "text", maxLength: 60, required: true, autocomplete: "off" });
  const naming = el("form", { class: "line", hidden: true }, input, el("button", { type: "submit" }, "Save"));
  const element = el("li", {}, el("div", {}, name, about), el("div", { class: "line" }, rename, revoke), naming);
  let confirming = 0;

  const settle = async (button, job) => {
    const done = await requests.during(button, job);
    if (!done) return;
    naming.hidden = true;
    requests.confirm(done.message);
    await again();
  };
  rename.onclick = () => {
    naming.hidden = !naming.hidden;
    input.value = key.name;
    if (!naming.hidden) input.select();
  };
  naming.addEventListener("submit", (event) => {
    event.preventDefault();
    settle(rename, () => requests.run("RenameApiKey", { key_id: key.key_id, name: input.value }));
  });
  const calm = () => {
    clearTimeout(confirming);
    confirming = 0;
    revoke.classList.remove("stop");
    text(revoke, "Revoke");
  };
  revoke.onclick = () => {
    if (confirming) {
      calm();
      return settle(revoke, () => requests.run("RevokeApiKey", { key_id: key.key_id }));
    }
    revoke.classList.add("stop");
    text(revoke, `Shut ${key.name} out?`);
    confirming = setTimeout(calm, CONFIRM_MS);
  };
  return {
    element,
    update(present) {
      key = present;
      text(name, key.name);
      text(about, describe(key));
      attribute(input, "aria-label", `New name of ${key.name}`);
      attribute(rename, "aria-label", `Rename ${key.name}`);
    },
  };
}

/** Return what a key may do, and how old its last use is. */
export function describe({ right, also, made_at: made, used_at: used, now }) {
  const day = new Date(made * 1000).toLocaleDateString([], { dateStyle: "medium" });
  const rights = [right, ...also].join(" + ");
  if (used === null) return `${rights} · made ${day} · never used`;
  const ago = now - used;
  return `${rights} · made ${day} · ${ago < 60 ? "in use" : `used ${span(ago)} ago`}`;
}
