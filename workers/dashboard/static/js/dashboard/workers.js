// Whether partyline's parts work, in one line. The processes, and a button that restarts each, are for the details.
import { attribute, el, keyed, show, text } from "../shared/dom.js";
import { bytes, counted, span } from "../shared/format.js";
import { partOf, restarting } from "../live/parts.js";

const ASK_MS = 5000;
const WORDS = { running: "running", degraded: "degraded", starting: "starting", stopping: "stopping", stopped: "stopped", silent: "no answer" };
const LEVELS = { running: "good", degraded: "fair", starting: "fair", stopping: "fair", stopped: "none", silent: "poor" };
const SUPERVISED = { FATAL: ["failed", "poor"], BACKOFF: ["restarting", "poor"], EXITED: ["exited", "poor"], STOPPED: ["stopped", "none"], STARTING: ["starting", "fair"], RUNNING: ["running", "good"] };
const NEED_SIGN_IN = ["session", "signaling"];

export function workersCard(place, requests, linked) {
  const kept = new Map();
  const list = el("ul", { class: "workers" });
  const summary = el("span", { class: "dim" });
  const box = el("details", {}, el("summary", {}, el("h2", {}, "partyline"), summary), list);
  place.append(box);
  let processes = [];
  const ask = async () => {
    if (!document.hidden && linked()) processes = await requests.send("ListProcesses").catch(() => processes);
  };
  setTimeout(ask, 500);
  setInterval(ask, ASK_MS);
  return {
    update(state) {
      const found = standings(state, processes);
      const waits = state.signedIn ? [] : NEED_SIGN_IN; // the page asks for it elsewhere
      const ill = found.filter(({ name, level, word }) => level === "poor" || (level === "fair" && !(word === WORDS.degraded && waits.includes(name))));
      text(summary, inWords(ill, state));
      attribute(box, "data-ill", ill.length > 0);
      keyed(list, kept, found, ({ name }) => name, ({ name }) => row(name, requests));
      for (const { element } of kept.values()) show(element.lastChild, processes.length > 0);
    },
  };
}

function inWords(ill, state) {
  if (ill.length > 1) return `${counted(ill.length, "part")} of it need a look`;
  if (ill.length) return `${partOf(ill[0].name)}: ${ill[0].word}`;
  return state.signedIn ? "everything works" : "waits for the sign-in";
}

function standings(state, processes) {
  const found = new Map();
  for (const health of state.all("worker.health")) {
    const standing = state.standing(health.worker);
    const up = health.up_s + state.clock - health.beat_s;
    const cpu = health.up_s > 0 ? Math.round((health.cpu_seconds / health.up_s) * 100) : 0;
    const lives = !["silent", "stopped"].includes(standing);
    const detail = lives ? `${health.detail ? `${health.detail} · ` : ""}${span(up)} · ${bytes(health.rss_bytes)} · ${cpu} % CPU` : "";
    found.set(health.worker, { name: health.worker, word: WORDS[standing], level: LEVELS[standing], detail });
  }
  for (const process of processes) {
    const ended = process.state === "EXITED" && process.exit_status === 0;
    const [word, level] = ended ? ["not needed", "none"] : SUPERVISED[process.state] ?? [process.state.toLowerCase(), "fair"];
    const down = ["FATAL", "BACKOFF", "EXITED", "STOPPED"].includes(process.state);
    if (!found.has(process.name) || (down && !ended)) {
      found.set(process.name, { name: process.name, word, level, detail: down && !ended ? `see ${process.log}` : "" });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function row(name, requests) {
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const caption = el("span", { class: "dim" });
  const restart = restarting(name, requests, "Restart");
  attribute(restart, "aria-label", `Restart ${name}`);
  const element = el("li", {}, dot, el("div", {}, el("strong", {}, name), caption), restart);
  return {
    element,
    update({ word, level, detail }) {
      attribute(dot, "data-level", level);
      text(caption, detail ? `${word} · ${detail}` : word);
    },
  };
}
