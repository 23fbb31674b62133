// Events as they come, with a filter and a pause.
import { attribute, el, rich, show, text } from "../shared/dom.js";
import { counted } from "../shared/format.js";
import { EventLink } from "./event-link.js";

const MOST = 200; // rows
const CHOSEN = ["party.state", "peer.speaking", "audio.ducking", "clip", "problem"]; // the others come each second
const LEVELS = "audio.levels"; // ten times a second: only for who asks
const STATES = { connecting: "Connecting …", open: "Connected.", away: "The connection was lost. Trying again …", refused: "This key was revoked.", ended: "Stopped." };

export function watch(place, caller, topics) {
  const boxes = topics.map(({ topic }) => [topic, el("input", { type: "checkbox", checked: CHOSEN.includes(topic) })]);
  const levels = boxes.find(([topic]) => topic === LEVELS)[1];
  const members = el("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: "everybody", "aria-label": "Members: account ids or peer keys, with commas between them" });
  const start = el("button", { type: "button", class: "primary" }, "Watch events");
  const pause = el("button", { type: "button", "aria-pressed": "false" }, "Pause");
  const clear = el("button", { type: "button" }, "Clear");
  const all = el("button", { type: "button", class: "small" }, "All");
  const none = el("button", { type: "button", class: "small" }, "None");
  const said = el("p", { role: "status" });
  const list = el("div", { class: "events", tabIndex: 0, role: "log", "aria-live": "off", "aria-label": "Events" });
  const labelled = (topic, box) => el("label", { class: "check" }, box, el("code", {}, topic));
  const chosen = el("details", { open: true }, el("summary", {}, "Topics"), el("div", { class: "line" }, all, none), el("div", { class: "boxes" }, ...boxes.filter(([topic]) => topic !== LEVELS).map(([topic, box]) => labelled(topic, box))));
  const choice = el("fieldset", {}, el("legend", {}, "Events"), chosen, el("div", { class: "line" }, labelled(`${LEVELS} (ten a second)`, levels), el("label", { class: "check" }, "Members", members)));
  place.append(choice, el("div", { class: "line" }, start, pause, clear, said), list);
  let [link, state, count, waiting] = [null, "", 0, []];

  const wanted = () => ({
    topics: boxes.filter(([, box]) => box.checked).map(([topic]) => topic),
    members: members.value.split(/[\s,]+/).filter(Boolean),
  });
  function put(frames) {
    list.append(...frames.slice(-MOST).map(row));
    while (list.children.length > MOST) list.firstChild.remove();
    list.scrollTop = list.scrollHeight;
  }
  function onFrame(frame) {
    if (frame.op === "error") return rich(said, `${frame.error.message} ${frame.error.remedy}`);
    if (frame.op !== "event" && frame.op !== "snapshot") return;
    count += frame.op === "event";
    if (paused()) waiting = [...waiting, frame].slice(-MOST);
    else put([frame]);
    draw();
  }
  const paused = () => pause.getAttribute("aria-pressed") === "true";
  function draw() {
    const held = paused() && waiting.length ? ` ${waiting.length} wait.` : "";
    text(said, state ? `${STATES[state]} ${counted(count, "event")}.${held}` : caller.hello ? "" : "Give a key first.");
    text(start, running() ? "Stop" : "Watch events");
    start.disabled = !caller.hello;
    show(pause, running() || paused());
    show(clear, count > 0 || list.children.length > 0);
  }
  const running = () => link !== null;
  function stop(why) {
    link?.end();
    link = null;
    state = why;
    draw();
  }
  const begin = () => {
    count = 0;
    link = new EventLink(caller.key, wanted, {
      onFrame,
      onState(now) {
        if (now === "refused") return stop("refused");
        if (now !== "ended") state = now;
        if (now === "away") stillValid();
        draw();
      },
    });
  };
  /** A browser does not say why a WebSocket was refused. Ask, and give up where the key is why. */
  const stillValid = () => caller.use(caller.key).catch((error) => error.status === 401 && stop("refused"));
  const again = () => {
    if (!wanted().topics.length) return text(said, "Choose a topic.");
    link?.subscribe(true);
  };
  start.onclick = () => (running() ? stop("ended") : wanted().topics.length ? begin() : text(said, "Choose a topic."));
  pause.onclick = () => {
    attribute(pause, "aria-pressed", String(!paused()));
    text(pause, paused() ? "Go on" : "Pause");
    if (!paused()) put(waiting.splice(0));
    draw();
  };
  clear.onclick = () => {
    list.replaceChildren();
    waiting = [];
    count = 0;
    draw();
  };
  for (const [button, on] of [[all, true], [none, false]]) {
    button.onclick = () => {
      for (const [topic, box] of boxes) if (topic !== LEVELS) box.checked = on;
      again();
    };
  }
  for (const [, box] of boxes) box.onchange = again;
  members.onchange = again;
  caller.changed.push(() => {
    if (running() && !caller.hello) stop("ended");
    draw();
  });
  draw();
}

function row(frame) {
  const [what, body] = frame.op === "snapshot" ? ["snapshot", frame.topics] : [frame.topic, frame.message];
  const time = new Date().toLocaleTimeString([], { hour12: false });
  return el("div", {}, el("span", { class: "dim" }, time), " ", el("strong", {}, what), " ", el("code", {}, body === null ? "gone" : JSON.stringify(body)));
}
