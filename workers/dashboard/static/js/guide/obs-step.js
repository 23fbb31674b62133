// Step 5: sources in OBS by one click, and a test tone that OBS's own meters show.
import { el, rich, show, text } from "../shared/dom.js";
import { db } from "../shared/format.js";
import { obsFound } from "../live/obs-found.js";
import { obsChoice } from "./obs-choice.js";
import { more, standing } from "./parts.js";

const LEAST_DB = -60; // the left end of OBS's own meters
const TONE_S = 3;
const ANSWER_BY_PAGE = { mix: "the voices' source", each: "one source for each person", stream: "a media source", device: "the sound device" };

export function obsStep({ requests, redraw }) {
  const line = standing();
  const choice = obsChoice();
  const server = more(
    "How to switch on OBS's WebSocket server",
    el("ol", {}, el("li", {}, "In OBS, open Tools, WebSocket Server Settings."), el("li", {}, "Tick Enable WebSocket server, and confirm with OK."), el("li", {}, "Come back here. On the same machine, partyline finds the port and the password by itself.")),
  );
  const [setUp, test, remove, look] = [
    el("button", { type: "submit", class: "primary" }, "Set up OBS"),
    el("button", { type: "button" }, "Play a test tone"),
    el("button", { type: "button" }, "Remove from OBS"),
    el("button", { type: "button" }, "Look for OBS again"),
  ];
  const form = el("form", {}, choice.element, el("div", { class: "line" }, setUp, test, remove));
  const report = el("div", { class: "report", role: "status" });
  const found = obsFound(requests, redraw);

  /** Send one request after another, and tell what came of it. */
  async function during(button, job, tell) {
    if (found.busy) return;
    try {
      report.replaceChildren(...tell(await found.during(() => requests.during(button, job))));
    } catch (refusal) {
      report.replaceChildren(refused(refusal));
    } finally {
      redraw();
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { route, overlay, scene, tracks, duck, duck_source } = choice.value();
    during(setUp, () => requests.send("SetUpObs", { route, overlay, scene, tracks, duck, duck_source }), changes);
  });
  test.onclick = () => {
    report.replaceChildren(el("p", {}, `A tone plays for ${TONE_S} s. OBS's meters are read meanwhile …`));
    during(test, () => requests.send("TestObs", { seconds: TONE_S }), heard);
  };
  remove.onclick = () => during(remove, () => requests.send("RemoveFromObs"), changes);
  look.onclick = () => requests.during(look, found.ask);

  return {
    element: el("div", { class: "content" }, line.element, server, look, form, report),
    update(state) {
      const now = found.now(state);
      const connected = Boolean(now?.connected);
      const made = Boolean(now?.setup);
      line.set(...describe(now, found.runs(state)));
      show(server, !connected && Boolean(now?.problem));
      show(look, !connected && Boolean(now?.problem));
      show(form, connected || made);
      show(test, made);
      show(remove, made || Boolean(now?.sources?.length));
      for (const button of [setUp, test, remove]) if (!found.busy) button.disabled = !connected;
      text(setUp, made ? "Set up again" : "Set up OBS");
      setUp.classList.toggle("primary", !made);
      test.classList.toggle("primary", made);
      if (now) choice.update(now);
    },
  };
}

function describe(now, runs) {
  if (!runs) return ["none", "The worker for OBS has not reported yet. After a start this takes some seconds."];
  if (!now) return ["none", "Looking for OBS …"];
  if (now.setup) {
    const where = ANSWER_BY_PAGE[now.setup.route];
    return now.connected ? ["good", `OBS ${now.version} has ${where}.`] : ["none", `OBS has ${where}. It does not run now. ${now.remedy ?? ""}`];
  }
  if (now.connected) return ["none", `OBS ${now.version} is there. It has no sources of partyline yet.`];
  return ["none", now.problem ? `${now.problem} ${now.remedy ?? ""}` : "Looking for OBS …"];
}

function refused({ message, remedy }) {
  const [what, hint] = [el("strong"), el("span")];
  rich(what, message);
  rich(hint, remedy ?? "");
  return el("p", { class: "note" }, what, " ", hint);
}

const remarked = ({ message, remedy }) => refused({ message, remedy });

/** Return what was done in OBS. */
function changes({ changes: done, notes }) {
  const lines = done.map(({ name, done: what }) => el("li", {}, el("strong", {}, name), ` ${what}`));
  return [el("ul", { class: "changes" }, ...lines), ...notes.map(remarked)];
}

/** Return what OBS's meters showed. */
function heard({ heard: everywhere, message, remedy, sources, also_heard_in: twice }) {
  const verdict = el("p", { class: "verdict", "data-heard": everywhere }, everywhere ? "✓ " : "", message, " ", remedy ?? "");
  const meters = sources.map(({ name, peak_db: peak, remarks }) => el(
    "li",
    {},
    el("span", {}, el("strong", {}, name), ...(remarks ?? []).map(({ message: words }) => el("span", { class: "dim" }, ` ${words}`))),
    el("meter", { min: LEAST_DB, max: 0, value: Math.max(LEAST_DB, peak), "aria-label": `Level of ${name} in OBS` }),
    el("span", { class: "value" }, peak > LEAST_DB ? db(Math.round(peak)) : "silent"),
  ));
  const double = twice?.length ? el("p", { class: "note" }, `The tone came a second time by ${twice.join(", ")}. Mute that in OBS, or the stream has the voices twice.`) : null;
  return [verdict, el("ul", { class: "seen" }, ...meters), double].filter(Boolean);
}
