// The example programs, as they lie on the disk: what is shown is what the tests run.
import { el, text } from "../shared/dom.js";
import { copied } from "../shared/clipboard.js";

const PROGRAMS = [
  ["mute-by-name", "Mute somebody by name", ["py", "mjs", "sh"]],
  ["who-speaks", "Follow who speaks", ["py", "mjs", "sh"]],
  ["record-speech", "Record while somebody speaks", ["py", "mjs", "sh"]],
  ["clip-on-word", "Save a clip on a word from stdin", ["py", "mjs", "sh"]],
  ["show-levels", "Show the levels", ["py", "mjs", "sh", "html"]],
];
const LANGUAGES = { py: ["python", "Python"], mjs: ["javascript", "JavaScript in Node"], sh: ["shell", "Shell"], html: ["javascript", "JavaScript in a browser"] };

export function programList(place) {
  for (const [name, title, kinds] of PROGRAMS) {
    place.append(el("article", { id: `example-${name}` },
      el("div", { class: "head" }, el("h3", {}, title), el("a", { class: "anchor", href: `#example-${name}`, "aria-label": `Link to ${title}` }, "#")),
      ...kinds.map((kind) => program(`${name}.${kind}`, ...LANGUAGES[kind]))));
  }
}

function program(file, folder, language) {
  const address = `/static/examples/${folder}/${file}`;
  const code = el("pre", { tabIndex: 0, "aria-label": file });
  const copy = el("button", { type: "button", class: "small" }, "Copy");
  const save = el("a", { href: address, download: file }, "Save");
  const said = el("span", { class: "dim", role: "status" });
  const element = el("details", {}, el("summary", {}, `${language}: `, el("code", {}, file)), el("div", { class: "line" }, copy, save, said), code);
  copy.onclick = async () => text(said, (await copied(code.textContent)) ? "Copied." : "The browser did not allow copying.");
  element.addEventListener("toggle", async () => {
    if (!element.open || code.textContent) return;
    const response = await fetch(address).catch(() => null);
    text(code, response?.ok ? await response.text() : "It cannot be loaded. Reload the page.");
  });
  return element;
}
