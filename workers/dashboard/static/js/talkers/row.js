// One talker: name, state and when they spoke last, fader and meter, mute and solo. Details on demand.
import { details } from "../dashboard/talker-details.js";
import { Quality } from "../dashboard/quality.js";
import { avatarView } from "../shared/avatar.js";
import { attribute, el, show, text } from "../shared/dom.js";
import { meter, span } from "../shared/format.js";
import { fader } from "./fader.js";
import { figures } from "./figures.js";

export function row({ peer, name }, requests) {
  const quality = new Quality();
  const avatar = avatarView("avatar");
  const who = el("strong");
  const top = el("span", { class: "top", title: "Loudest", hidden: true }, el("span", { "aria-hidden": "true" }, "▲"), el("span", { class: "unseen" }, "loudest"));
  const tag = el("span", { class: "tag" });
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const caption = el("span", { class: "said" });
  const doing = el("span", { class: "doing" }, dot, caption);
  const spoken = el("span", { class: "spoken", title: "Spoke last" });
  const more = el("button", { type: "button", class: "word", "aria-expanded": "false" }, doing, spoken);
  const fill = el("span", { class: "fill" });
  const meterBar = el("span", { class: "meter", role: "meter", "aria-label": "Level", "aria-valuemin": -54, "aria-valuemax": 0 }, fill);
  const gain = fader(`Gain of ${name}`, (value) => requests.run("SetGain", { peer, gain_db: value }));
  const mute = toggle("Mute", (on) => requests.run("SetMute", { peer, muted: on }));
  const solo = toggle("Solo", (on) => requests.run("SetSolo", { peer, solo: on }));
  const numbers = el("dl", { class: "numbers" });
  const tools = el("div", { class: "tools" });
  const below = el("div", { class: "below", hidden: true }, numbers, tools);
  const group = el(
    "div",
    { class: "talker", tabIndex: -1, role: "group", "aria-label": name },
    avatar.element,
    el("div", { class: "who" }, el("div", {}, top, who, tag), more),
    gain.track,
    gain.zero,
    meterBar,
    el("div", { class: "buttons" }, mute.element, solo.element),
    below,
  );
  let hooked = null; // made when they are wanted first
  let shown = null;
  more.onclick = () => {
    hooked ??= details(tools, peer, requests);
    below.hidden = !below.hidden;
    attribute(more, "aria-expanded", String(!below.hidden));
    if (shown && !below.hidden) drawBelow(shown);
  };

  function level(now) {
    fill.style.transform = `scaleX(${meter(now)})`;
    attribute(meterBar, "aria-valuenow", Math.max(-54, Math.round(now)));
  }

  function draw({ talker, state, twin }) {
    const { mix, member, soloMuted } = talker;
    const rating = quality.rate(talker.state, state.now);
    const inaudible = Boolean(mix?.muted || soloMuted);
    const speaks = talker.speaking && !inaudible;
    text(who, talker.name);
    attribute(who, "title", `${talker.name} · ${talker.device}`);
    avatar.update(talker.name, talker.avatar);
    text(tag, [talker.own ? "you" : "", member?.is_host ? "host" : "", talker.left ? "left" : "", twin ? talker.device : ""].filter(Boolean).join(" · "));
    show(tag, tag.textContent !== "");
    attribute(dot, "data-level", rating.level);
    text(caption, status(talker, rating, inaudible));
    text(spoken, lastSpoken(talker, state.now));
    attribute(more, "data-plain", rating.level === "good" && caption.textContent === rating.word && spoken.textContent !== "");
    attribute(more, "title", rating.why);
    attribute(group, "data-speaking", speaks);
    attribute(group, "data-inaudible", inaudible);
    level(talker.level);
    gain.limit(state.about.gain_db);
    gain.set(mix?.gain_db ?? 0);
    mute.set(mix?.muted ?? false);
    solo.set(mix?.solo ?? false);
    shown = { talker, rating, state };
    if (!below.hidden) drawBelow(shown);
  }

  function drawBelow({ talker, rating, state }) {
    figures(numbers, talker, state.one("audio.mixer"), rating, state.about);
    hooked.update(state);
  }

  return {
    element: el("li", {}, group), draw, level,
    update() {},
    markLoudest: (on) => show(top, on),
    mute: () => mute.element.click(),
    solo: () => solo.element.click(),
    gain: gain.step,
    reset: gain.reset,
    details: () => more.click(),
  };
}

function status({ speaking, member, mix, gone }, rating, inaudible) {
  if (gone) return "left the party";
  const doing = mix?.muted ? "muted for you" : inaudible ? "muted by solo" : speaking ? "speaking" : member?.muted ? "mic off" : "";
  return doing && rating.level !== "good" ? `${doing}, ${rating.word}` : doing || rating.word;
}

function lastSpoken({ spoken }, now) {
  if (!spoken) return "";
  return spoken === Infinity ? "now" : `${span(now - spoken)} ago`;
}

function toggle(label, onChange) {
  const element = el("button", { type: "button", class: "toggle", "aria-pressed": "false" }, label);
  element.onclick = () => {
    const on = element.getAttribute("aria-pressed") !== "true";
    attribute(element, "aria-pressed", String(on));
    busyUntil = performance.now() + 800;
    onChange(on);
  };
  let busyUntil = 0;
  const set = (on) => {
    if (performance.now() > busyUntil) attribute(element, "aria-pressed", String(on));
  };
  return { element, set };
}
