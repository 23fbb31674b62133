// The output device, and the settings of the whole mix.
import { attribute, el, rich, slider, text } from "../shared/dom.js";
import { delay } from "./quality.js";
import { meter, ms, SILENCE_DB } from "../shared/format.js";
import { fader } from "../talkers/fader.js";
import { partAway } from "../live/parts.js";

export function soundCard(place, requests) {
  const caption = el("p", { class: "dim" });
  const delays = el("p", { class: "dim" });
  const device = el("select", { id: "device" });
  device.onchange = () => requests.run("SelectDevice", { name: device.value });
  const fill = el("span", { class: "fill" });
  const meterBar = el("span", { class: "meter", role: "meter", "aria-label": "Level of the mix", "aria-valuemin": -54, "aria-valuemax": 0 }, fill);
  const master = fader("Master gain", (value) => requests.run("SetMaster", { gain_db: value }));
  const delaySlider = slider({
    step: 10, label: "Delay of the mix", words: ms,
    onChange: (value) => requests.run("SetMaster", { delay_ms: value }),
  });
  const newcomers = fader("Gain of newcomers", (value) => requests.run("SetMaster", { newcomer_gain_db: value }));
  const levelling = el("input", { type: "checkbox", id: "levelling" });
  levelling.onchange = () => requests.run("SetMaster", { levelling: levelling.checked });
  const away = partAway("audio", requests);
  place.append(
    el("h2", {}, "Sound"),
    away.element,
    el("label", { class: "field" }, el("span", {}, "Device"), device),
    caption,
    delays,
    meterBar,
    el("div", { class: "field slide" }, el("span", {}, "Master"), master.track, master.zero),
    el("label", { class: "field slide", title: "Delays the mix to match the video" }, el("span", {}, "Delay"), delaySlider.input, delaySlider.output),
    el("div", { class: "field slide", title: "Gain of talkers without a gain of their own" }, el("span", {}, "Newcomers"), newcomers.track, newcomers.zero),
    el("label", { class: "check" }, levelling, "Level quiet and loud talkers"),
  );
  function level(now) {
    fill.style.transform = `scaleX(${meter(now)})`;
    attribute(meterBar, "aria-valuenow", Math.max(-54, Math.round(now)));
  }

  return {
    levels: ({ mix }) => level(mix),
    update(state) {
      const mixer = state.one("audio.mixer");
      away.update(state);
      options(device, state.one("audio.devices"));
      rich(caption, describe(state, mixer));
      text(delays, delayWords(state));
      for (const gain of [master, newcomers]) gain.limit(state.about.gain_db);
      delaySlider.limit(state.about.delay_ms);
      level(state.one("audio.levels")?.mix ?? SILENCE_DB);
      if (mixer?.gain_db !== undefined) master.set(mixer.gain_db);
      if (mixer?.delay_ms !== undefined) delaySlider.set(mixer.delay_ms);
      if (mixer?.newcomer_gain_db !== undefined) newcomers.set(mixer.newcomer_gain_db);
      if (mixer?.levelling !== undefined) levelling.checked = mixer.levelling;
    },
  };
}

function options(select, devices) {
  const wanted = devices?.wanted ?? "";
  const names = (devices?.devices ?? []).map((device) => device.name);
  const standard = devices?.devices.find((device) => device.is_default)?.name;
  const chosen = names.find((name) => wanted && name.toLowerCase().includes(wanted.toLowerCase())) ?? wanted;
  const entries = [["", standard ? `Default (${standard})` : "System default"], ...names.map((name) => [name, name])];
  if (chosen && !names.includes(chosen)) entries.push([chosen, `${chosen} (not connected)`]);
  const stamp = JSON.stringify([entries, chosen]);
  if (select.dataset.stamp === stamp) return;
  select.dataset.stamp = stamp;
  select.replaceChildren(...entries.map(([value, name]) => el("option", { value }, name)));
  select.value = chosen;
}

function describe(state, mixer) {
  if (!mixer) return "Where the sound goes is not known yet.";
  const delays = state.talkers().map((talker) => delay(talker, mixer)).filter(Boolean);
  const behind = delays.length ? ` · ${ms(Math.max(...delays))} from network to ear` : "";
  return `The sound goes ${mixer.where}${behind}`;
}

/** What the delay of the voices is chosen by, and the one that all have in steady mode. */
function delayWords(state) {
  const told = state.one("media.delay");
  if (!told) return "";
  const words = `Delay “${told.latency}”, ${state.about.latency_for?.[told.latency] ?? "as set"}.`;
  if (told.latency !== "steady") return words;
  const times = told.changes === 1 ? "once" : `${told.changes} times`;
  const names = state.talkers().filter(({ peer }) => peer in told.alone).map(({ name }) => name);
  const alone = names.length ? ` ${names.join(", ")} had to wait for longer, until nobody speaks.` : "";
  return `${words} It is ${ms(told.common_ms)} now and was changed ${times}.${alone}`;
}
