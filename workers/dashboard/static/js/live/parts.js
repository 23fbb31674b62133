// What each worker does, in the words of a user. The worker's own name is for the details.
import { el, show, text } from "../shared/dom.js";

const PARTS = {
  broker: "The connection between partyline's parts",
  auth: "The sign-in",
  session: "The party",
  signaling: "The talk with PlayStation",
  media: "Receiving the voices",
  audio: "The sound",
  recorder: "The recording",
  dashboard: "This page",
};

/** Return what a worker does, for the begin of a sentence. One that is not known here has its name. */
export const partOf = (worker) => PARTS[worker] ?? `“${worker}”`;

export function restarting(worker, requests, label = "Restart it") {
  const restart = el("button", { type: "button" }, label);
  restart.onclick = () => requests.during(restart, () => requests.run("RestartWorker", { worker }));
  return restart;
}

/** Return a line that a part of partyline is down, with a button that restarts it. */
export function partAway(worker, requests) {
  const line = el("span");
  const element = el("div", { class: "away", hidden: true }, line, restarting(worker, requests));
  return {
    element,
    update(state) {
      const standing = state.standing(worker);
      show(element, ["silent", "stopped", "absent"].includes(standing));
      text(line, standing === "silent" ? `${partOf(worker)} does not answer.` : `${partOf(worker)} is off.`);
    },
  };
}
