// One row for each talker: name, quality, level, gain, mute and solo, and details on demand.
import { attribute, el, keyed, show, slider, text } from "../shared/dom.js";
import { avatarView } from "../shared/avatar.js";
import { delay, Quality } from "./quality.js";
import { db, meter, ms, percent, SILENCE_DB } from "../shared/format.js";

export function talkersCard(place, requests) {
  const list = el("ul", { class: "talkers" });
  const empty = el("p", { class: "empty" });
  const kept = new Map();
  place.append(list, empty);
  return {
    update(state) {
      const talkers = state.talkers();
      show(place, state.joined || talkers.length > 0);
      show(empty, talkers.length === 0);
      text(empty, "Nobody else is here yet. Members appear when they join.");
      const mixer = state.one("audio.mixer");
      const now = state.now;
      keyed(list, kept, talkers, ({ peer }) => peer, (talker) => row(talker, requests));
      for (const talker of talkers) kept.get(talker.peer).draw({ talker, mixer, now, about: state.about });
    },
    levels({ talkers }) {
      for (const [peer, { level }] of kept) level(talkers[peer] ?? SILENCE_DB);
    },
    rows: () => [...list.children],
    /** The row that has the focus, as {mute, solo, gain(by)}. */
    focused: () => [...kept.values()].find(({ element }) => element.contains(document.activeElement)) ?? null,
  };
}

function row({ peer, name }, requests) {
  const quality = new Quality();
  const avatar = avatarView("avatar");
  const who = el("strong");
  const tag = el("span", { class: "tag" });
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const caption = el("span", { class: "said" });
  const more = el("button", { type: "button", class: "word", "aria-expanded": "false" }, dot, caption);
  const fill = el("span", { class: "fill" });
  const meterBar = el("span", { class: "meter", role: "meter", "aria-label": "Level", "aria-valuemin": -54, "aria-valuemax": 0 }, fill);
  const gain = slider({
    step: 1, label: `Gain of ${name}`, words: db,
    onChange: (value) => requests.run("SetGain", { peer, gain_db: value }),
  });
  gain.input.ondblclick = () => gain.step(-Number(gain.input.value));
  gain.input.title = "Double click: 0 dB";
  const mute = toggle("Mute", (on) => requests.run("SetMute", { peer, muted: on }));
  const solo = toggle("Solo", (on) => requests.run("SetSolo", { peer, solo: on }));
  const numbers = el("dl", { class: "numbers", hidden: true });
  more.onclick = () => {
    numbers.hidden = !numbers.hidden;
    attribute(more, "aria-expanded", String(!numbers.hidden));
  };
  const element = el(
    "li",
    { class: "talker", tabIndex: 0, role: "group", "aria-label": name },
    avatar.element,
    el("div", { class: "who" }, el("div", {}, who, tag), more),
    meterBar,
    el("div", { class: "gain" }, gain.input, gain.output),
    el("div", { class: "buttons" }, mute.element, solo.element),
    numbers,
  );

  function level(now) {
    fill.style.transform = `scaleX(${meter(now)})`;
    attribute(meterBar, "aria-valuenow", Math.max(-54, Math.round(now)));
  }

  function draw({ talker, mixer, now, about }) {
    const { state, mix, member, speaking, soloMuted } = talker;
    const rating = quality.rate(state, now);
    const inaudible = mix?.muted || soloMuted;
    text(who, talker.name);
    avatar.update(talker.name, talker.avatar);
    text(tag, [talker.device, member?.is_host ? "host" : "", talker.left ? "left" : ""].filter(Boolean).join(" · "));
    attribute(dot, "data-level", rating.level);
    text(caption, status(talker, rating, inaudible));
    attribute(more, "title", rating.why);
    attribute(element, "data-speaking", speaking && !inaudible);
    attribute(element, "data-inaudible", Boolean(inaudible));
    level(talker.level);
    gain.limit(about.gain_db);
    gain.set(mix?.gain_db ?? 0);
    mute.set(mix?.muted ?? false);
    solo.set(mix?.solo ?? false);
    if (!numbers.hidden) figures(numbers, talker, mixer, rating, about);
  }

  return { element, draw, level, update() {}, mute: () => mute.element.click(), solo: () => solo.element.click(), gain: gain.step };
}

function status({ speaking, member, mix }, rating, inaudible) {
  const doing = mix?.muted ? "muted for you" : inaudible ? "muted by solo" : speaking ? "speaking" : member?.muted ? "mic off" : "";
  if (rating.level === "good") return doing || "good connection";
  return doing ? `${doing} · ${rating.word}` : rating.word;
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

function figures(list, talker, mixer, rating, about) {
  const { state, mix } = talker;
  const share = state?.frames ? state.concealed_frames / state.frames : 0;
  const pairs = [
    ["Connection", rating.why],
    ["Delay to the ear", state ? ms(delay(talker, mixer)) : "–"],
    ["Buffer", state ? `${ms(state.delay_ms)} (target ${ms(state.target_delay_ms)})` : "–"],
    ["Jitter", state ? ms(state.jitter_ms) : "–"],
    ["Lost", state ? `${percent(state.loss_fraction)} (${state.lost} of ${state.lost + state.packets})` : "–"],
    ["Late", state ? String(state.late) : "–"],
    ["Concealed", state ? percent(share) : "–"],
    ["Repaired by FEC", state ? percent(state.frames ? state.fec_frames / state.frames : 0) : "–"],
    ["Gaps in the mix", mix ? ms(mix.missing * about.frame_ms) : "–"],
    ["Codec", state?.codec || "–"],
  ];
  if (list.children.length !== pairs.length) {
    list.replaceChildren(...pairs.map(([name]) => el("div", {}, el("dt", {}, name), el("dd"))));
  }
  pairs.forEach(([, value], index) => text(list.children[index].lastChild, value));
}
