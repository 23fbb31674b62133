// One row a talker: who, how well, how loud; gain, mute, solo; the numbers on demand.
import { attribute, el, keyed, show, slider, text } from "../shared/dom.js";
import { avatarView } from "../shared/avatar.js";
import { delay, Quality } from "./quality.js";
import { db, meter, ms, percent, SILENCE_DB } from "../shared/format.js";

export function talkersCard(place, actions) {
  const list = el("ul", { class: "talkers" });
  const empty = el("p", { class: "empty" });
  const kept = new Map();
  place.append(list, empty);
  return {
    update(state) {
      const talkers = state.talkers();
      show(place, state.joined || talkers.length > 0);
      show(empty, talkers.length === 0);
      text(empty, "Nobody else is here yet. They show up as soon as they join.");
      const mixer = state.one("audio.mixer");
      const now = state.now;
      keyed(list, kept, talkers, ({ peer }) => peer, (talker) => row(talker, actions));
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

function row({ peer, name }, actions) {
  const quality = new Quality();
  const avatar = avatarView("avatar");
  const who = el("strong");
  const tag = el("span", { class: "tag" });
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  const said = el("span", { class: "said" });
  const more = el("button", { type: "button", class: "word", "aria-expanded": "false" }, dot, said);
  const fill = el("span", { class: "fill" });
  const meterBar = el("span", { class: "meter", role: "meter", "aria-label": "Level", "aria-valuemin": -54, "aria-valuemax": 0 }, fill);
  const gain = slider({
    step: 1, label: `Gain of ${name}`, words: db,
    onChange: (value) => actions.do("SetGain", { peer, gain_db: value }),
  });
  gain.input.ondblclick = () => gain.step(-Number(gain.input.value));
  gain.input.title = "Double click: 0 dB";
  const mute = toggle("Mute", (on) => actions.do("SetMute", { peer, muted: on }));
  const solo = toggle("Solo", (on) => actions.do("SetSolo", { peer, solo: on }));
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
    const { state, mix, member, speaking, hushed } = talker;
    const judged = quality.judge(state, now);
    const unheard = mix?.muted || hushed;
    text(who, talker.name);
    avatar.update(talker.name, talker.avatar);
    text(tag, [talker.device, member?.is_host ? "host" : "", talker.left ? "left" : ""].filter(Boolean).join(" · "));
    attribute(dot, "data-level", judged.level);
    text(said, status(talker, judged, unheard));
    attribute(more, "title", judged.why);
    attribute(element, "data-speaking", speaking && !unheard);
    attribute(element, "data-unheard", Boolean(unheard));
    level(talker.level);
    gain.limit(about.gain_db);
    gain.set(mix?.gain_db ?? 0);
    mute.set(mix?.muted ?? false);
    solo.set(mix?.solo ?? false);
    if (!numbers.hidden) figures(numbers, talker, mixer, judged, about);
  }

  return { element, draw, level, update() {}, mute: () => mute.element.click(), solo: () => solo.element.click(), gain: gain.step };
}

function status({ speaking, member, mix }, judged, unheard) {
  const doing = mix?.muted ? "muted for you" : unheard ? "others are solo" : speaking ? "speaking" : member?.muted ? "mic off" : "";
  if (judged.level === "good") return doing || "good connection";
  return doing ? `${doing} · ${judged.word}` : judged.word;
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

function figures(list, talker, mixer, judged, about) {
  const { state, mix } = talker;
  const share = state?.frames ? state.concealed_frames / state.frames : 0;
  const pairs = [
    ["Connection", judged.why],
    ["Voice in → ear", state ? ms(delay(talker, mixer)) : "–"],
    ["Buffer", state ? `${ms(state.delay_ms)} of ${ms(state.target_delay_ms)} wanted` : "–"],
    ["Jitter", state ? ms(state.jitter_ms) : "–"],
    ["Lost", state ? `${percent(state.loss_fraction)} (${state.lost} of ${state.lost + state.packets})` : "–"],
    ["Late", state ? String(state.late) : "–"],
    ["Made up", state ? percent(share) : "–"],
    ["Mended", state ? percent(state.frames ? state.fec_frames / state.frames : 0) : "–"],
    ["Gaps in the mix", mix ? ms(mix.missing * about.frame_ms) : "–"],
    ["Codec", state?.codec || "–"],
  ];
  if (list.children.length !== pairs.length) {
    list.replaceChildren(...pairs.map(([name]) => el("div", {}, el("dt", {}, name), el("dd"))));
  }
  pairs.forEach(([, value], index) => text(list.children[index].lastChild, value));
}
