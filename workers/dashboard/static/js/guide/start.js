// The guide from nothing to sound in OBS. Each step has an address of its own: /start#obs.
import { banners } from "../dashboard/banners.js";
import { Requests } from "../dashboard/requests.js";
import { describeAccount } from "../dashboard/sign-in.js";
import { State } from "../dashboard/state.js";
import { attribute, el, show, text } from "../shared/dom.js";
import { takeKey } from "../shared/key.js";
import { Link } from "../shared/link.js";
import { accountStep } from "./account-step.js";
import { lastStep } from "./last-step.js";
import { Marks } from "./marks.js";
import { obsStep } from "./obs-step.js";
import { ownMemberStep } from "./own-member-step.js";
import { partyStep } from "./party-step.js";
import { firstOpen, isDone, isSetUp, STEPS } from "./progress.js";
import { signInStep } from "./sign-in-step.js";

const at = (id) => document.getElementById(id);
const TITLES = { account: "A second account", "sign-in": "Sign in", party: "Your party", you: "Which of them is you?", obs: "Sound in OBS", done: "Done" };
const MAKERS = { account: accountStep, "sign-in": signInStep, party: partyStep, you: ownMemberStep, obs: obsStep, done: lastStep };

const state = new State();
const requests = new Requests(at("toasts"));
const marks = new Marks();
const banner = banners(at("banners"), requests);
const frames = Object.fromEntries(STEPS.map((step) => [step, frame(step)]));
const entries = Object.fromEntries(STEPS.map((step) => [step, entry(step)]));
at("steps").append(...STEPS.map((step) => entries[step].element));
at("step").append(...STEPS.map((step) => frames[step].element));
let link = "connecting";
let synced = false;
let shown = "";

function present() {
  const named = location.hash.slice(1);
  return STEPS.includes(named) ? named : "";
}

function go(step) {
  location.hash = step;
}

/** Return the frame of a step: title, content, and the ways on and back. */
function frame(step) {
  const place = STEPS.indexOf(step);
  const [before, after] = [STEPS[place - 1], STEPS[place + 1]];
  const title = el("h2", { id: `title-${step}`, tabIndex: -1 }, TITLES[step]);
  const content = MAKERS[step]({ requests, marks, go, redraw: draw, titles: TITLES });
  const on = el("a", { class: "as-button", href: `#${after}` });
  on.onclick = () => marks.set(`skipped ${step}`, !isDone(step, state, marks));
  const ways = el("div", { class: "line spread-ways" }, before ? el("a", { class: "as-button", href: `#${before}` }, "Back") : el("span"), after ? on : null);
  const element = el("section", { class: "card step", "aria-labelledby": title.id, hidden: true }, el("p", { class: "dim count" }, `Step ${place + 1} of ${STEPS.length}`), title, content.element, ways);
  return {
    element,
    title,
    update() {
      content.update(state);
      content.element.inert = link !== "open"; // nothing can be changed then, and the ways on and back still work
      const done = isDone(step, state, marks);
      on.classList.toggle("primary", done);
      text(on, done ? `Next: ${TITLES[after]}` : "Skip this step");
    },
  };
}

/** Return a step's entry in the list of steps. */
function entry(step) {
  const number = el("span", { class: "number", "aria-hidden": "true" });
  const said = el("span", { class: "dim" });
  const way = el("a", { href: `#${step}` }, number, el("span", { class: "name" }, TITLES[step]), said);
  return {
    element: el("li", {}, way),
    update(chosen) {
      const done = isDone(step, state, marks);
      const skipped = !done && marks.has(`skipped ${step}`);
      attribute(way, "aria-current", chosen ? "step" : null);
      attribute(way, "data-stands", done ? "done" : skipped ? "skipped" : "open");
      text(number, done ? "✓" : String(STEPS.indexOf(step) + 1));
      text(said, done ? (step === "done" ? "" : "done") : skipped ? "skipped" : "");
    },
  };
}

function draw() {
  banner.update(state, link);
  show(at("main"), synced && link !== "refused");
  document.body.classList.toggle("stale", synced && link !== "open");
  if (!synced) return;
  if (!present()) history.replaceState(null, "", `#${firstOpen(state, marks)}`);
  const auth = state.one("auth.state");
  text(at("account"), auth ? describeAccount(auth, state.now) : "");
  for (const step of STEPS) {
    show(frames[step].element, step === present());
    entries[step].update(step === present());
  }
  frames[present()].update();
  if (shown && shown !== present()) arrive();
  shown = present();
}

/** Let keyboard and screen reader begin at the step's title. */
function arrive() {
  frames[present()].title.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Return whether the address says that somebody who has set everything up wants the dashboard instead. */
function takeUnless() {
  const address = new URL(location.href);
  const found = address.searchParams.get("unless") === "ready";
  address.searchParams.delete("unless");
  if (found) history.replaceState(null, "", address);
  return found;
}

const key = takeKey();
const unlessReady = takeUnless();
if (key) {
  requests.link = new Link("/live", key, {
    onMessage(frame) {
      synced = true;
      state.apply(frame);
      for (const answer of frame.answers ?? []) requests.settle(answer);
      if (frame.about && unlessReady && !present() && isSetUp(state, marks)) location.replace("/"); // the snapshot has all that is known
      else draw();
    },
    onState(now) {
      if (link === "open" && now !== "open") requests.rejectAll();
      link = now;
      draw();
    },
  });
} else {
  link = "no key";
  draw();
}
addEventListener("hashchange", draw);
setInterval(draw, 2000); // for what changes with time only
