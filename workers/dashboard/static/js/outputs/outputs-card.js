// The outputs: where the mix plays, each with gain, delay and mute of its own, and a way to add and remove one.
import { attribute, el, keyed, show, slider, text } from "../shared/dom.js";
import { db, ms } from "../shared/format.js";

const ALIKE_MS = 5; // outputs that differ by less count as aligned, as in `partyline output list`

export function outputsCard(place, requests) {
  const list = el("ul", { class: "outputs" });
  const kept = new Map();
  const device = el("select", { "aria-label": "Device of one more output" });
  const add = el("button", { type: "submit" }, "Add output");
  const adding = el("form", { class: "line" }, device, add);
  const caption = el("p", { class: "dim" });
  adding.addEventListener("submit", (event) => {
    event.preventDefault();
    if (device.value) requests.during(add, () => requests.run("AddOutput", { device: device.value }));
  });
  place.append(el("h2", {}, "Outputs"), caption, list, adding);

  return {
    update(state) {
      const outputs = state.one("audio.mixer")?.outputs ?? [];
      const free = freeDevices(state.one("audio.devices"), outputs);
      const several = outputs.length > 1;
      text(caption, several ? "The mix plays on all of these at once." : "Play on your headphones and on BlackHole at once: add an output.");
      show(list, several);
      keyed(list, kept, several ? outputs : [], (output) => output.name, (output) => row(output.name, requests));
      for (const output of outputs) kept.get(output.name)?.show(output, state.about, later(output, outputs));
      show(adding, free.length > 0 && outputs.length < 4);
      options(device, free);
    },
  };
}

/** Return the devices on which no output plays. */
function freeDevices(devices, outputs) {
  const taken = outputs.map((output) => output.target || output.device);
  return (devices?.devices ?? []).map((found) => found.name).filter((name) => !taken.includes(name));
}

function options(select, names) {
  const stamp = JSON.stringify(names);
  if (select.dataset.stamp === stamp) return;
  select.dataset.stamp = stamp;
  const chosen = select.value;
  select.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
  if (names.includes(chosen)) select.value = chosen;
}

/** Return how much later than `output` the last one is heard, in ms. 0 while that is unknown. */
function later(output, outputs) {
  const sum = (one) => (one.phase === "playing" && one.latency_ms ? one.latency_ms + one.delay_ms : 0);
  const own = sum(output);
  const by = own ? Math.max(...outputs.map(sum)) - own : 0;
  return by >= ALIKE_MS ? by : 0;
}

function row(name, requests) {
  const where = el("p", { class: "dim wrap" });
  const gain = slider({ step: 1, label: `Gain of the output ${name}`, words: db, onChange: (value) => requests.run("SetOutput", { name, gain_db: value }) });
  const delay = slider({ step: 1, label: `Delay of the output ${name}`, words: ms, onChange: (value) => requests.run("SetOutput", { name, delay_ms: value }) });
  const mute = el("button", { type: "button", class: "small", "aria-label": `Mute the output ${name}` }, "Mute");
  const follow = el("button", { type: "button", class: "small", title: "Delay this output as the whole mix is" }, "Delay as the mix");
  const align = el("button", { type: "button", class: "small", title: "Delay it until it is heard together with the latest output" });
  const remove = el("button", { type: "button", class: "small quiet", "aria-label": `Remove the output ${name}` }, "Remove");
  let muted = false;
  let aligned = 0;
  mute.onclick = () => requests.run("SetOutput", { name, muted: !muted });
  follow.onclick = () => requests.run("SetOutput", { name, follow_mix_delay: true });
  align.onclick = () => requests.run("SetOutput", { name, delay_ms: aligned });
  remove.onclick = () => requests.during(remove, () => requests.run("RemoveOutput", { name }));
  const element = el("li", {},
    el("h3", {}, name), where,
    el("label", { class: "field slide" }, el("span", {}, "Gain"), gain.input, gain.output),
    el("label", { class: "field slide" }, el("span", {}, "Delay"), delay.input, delay.output),
    el("div", { class: "buttons" }, mute, follow, align, remove),
  );
  show(remove, name !== "main");
  return {
    element,
    update() {},
    show(output, about, behind) {
      muted = output.muted;
      aligned = Math.min(about.delay_ms.most, Math.round(output.delay_ms + behind));
      const latency = output.latency_ms ? ` · ${ms(output.latency_ms)} latency` : "";
      text(where, `It goes ${output.where}${latency}`);
      where.classList.toggle("warn", !["playing", "resting", "starting"].includes(output.phase));
      gain.limit(about.gain_db);
      delay.limit(about.delay_ms);
      gain.set(output.gain_db);
      delay.set(Math.round(output.delay_ms));
      attribute(mute, "aria-label", `${muted ? "Unmute" : "Mute"} the output ${name}`);
      text(mute, muted ? "Unmute" : "Mute");
      show(follow, output.own_delay);
      show(align, behind > 0);
      text(align, `Line up (+${ms(behind)})`);
    },
  };
}
