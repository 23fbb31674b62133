// Step 6: where to go from here.
import { storedKey } from "../shared/key.js";
import { el, keyed, show, text } from "../shared/dom.js";
import { standing } from "./parts.js";
import { isDone, STEPS } from "./progress.js";

const COPIED_MS = 2500;

export function lastStep({ marks, titles, requests }) {
  const line = standing();
  const left = el("ul", { class: "left" });
  const kept = new Map();
  const dock = el("button", { type: "button" }, "Copy the dock's address");
  dock.onclick = () => copy(dock, `${location.origin}/dock?key=${encodeURIComponent(storedKey())}`, requests);
  const entry = (href, name, words, ...more) => el("li", {}, el("div", {}, href ? el("a", { href }, name) : el("strong", {}, name), el("span", { class: "dim" }, words)), ...more);
  const list = el(
    "ul",
    { class: "onwards" },
    entry("/", "Dashboard", "A fader for each person, mute, solo, devices, problems."),
    entry("", "A dock in OBS", "In OBS: Docks, Custom Browser Docks, paste the address. It gives full control, so do not show it.", dock),
    entry("/overlay-setup", "Overlay", "Who speaks, on your stream: choose how it looks, with a preview."),
    entry("/#recording", "Recording and clips", "A file for each person, or the last seconds as a clip. Ask the others first: in many places everybody has to agree."),
  );
  return {
    element: el("div", { class: "content" }, line.element, left, list),
    update(state) {
      const open = STEPS.slice(0, -1).filter((step) => !isDone(step, state, marks));
      text(dock, dock.dataset.said ?? "Copy the dock's address");
      line.set(...(open.length ? ["none", "Some steps are left. Each can be done at any time."] : ["good", "Everything is set up."]));
      keyed(left, kept, open, (step) => step, (step) => ({ element: el("li", {}, el("a", { href: `#${step}` }, titles[step])), update() {} }));
      show(left, open.length > 0);
    },
  };
}

async function copy(button, address, requests) {
  try {
    await navigator.clipboard.writeText(address);
    button.dataset.said = "Copied";
  } catch {
    requests.toast("The browser does not let this page copy.", "Get the address with `partyline dashboard key`.");
    return;
  }
  text(button, button.dataset.said);
  setTimeout(() => {
    delete button.dataset.said;
    text(button, "Copy the dock's address");
  }, COPIED_MS);
}
