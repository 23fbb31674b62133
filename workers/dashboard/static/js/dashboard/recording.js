// Start, mark, stop; how long, how big, and where it lies.
import { el, show, text } from "../shared/dom.js";
import { workerAway } from "./sound-card.js";
import { bytes, clock, counted } from "../shared/format.js";

export function recordingCard(place, actions) {
  const dot = el("span", { class: "rec", "aria-hidden": "true" });
  const title = el("h2", {}, dot, "Recording");
  const time = el("p", { class: "time" });
  const said = el("p", { class: "dim wrap" });
  const name = el("input", { type: "text", placeholder: "Name (optional)", "aria-label": "Name of the recording", maxLength: 80 });
  const start = el("button", { type: "submit", class: "primary" }, "Record");
  const starting = el("form", { class: "line" }, name, start);
  const mark = el("input", { type: "text", placeholder: "What happened?", "aria-label": "Text of the mark", maxLength: 200 });
  const put = el("button", { type: "submit" }, "Mark");
  const marking = el("form", { class: "line" }, mark, put);
  const stop = el("button", { type: "button", class: "stop" }, "Stop recording");
  const away = workerAway("recorder", actions);
  let going = false;

  const begin = () => actions.during(start, () => actions.do("StartRecording", { name: name.value.trim() }));
  const end = () => actions.during(stop, () => actions.do("StopRecording"));
  const note = async (words) => {
    if (await actions.during(put, () => actions.do("MarkRecording", { text: words }))) mark.value = "";
  };
  starting.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  marking.addEventListener("submit", (event) => {
    event.preventDefault();
    note(mark.value.trim());
  });
  stop.onclick = end;
  place.append(title, away.element, time, said, starting, marking, stop);

  return {
    update(state) {
      const recording = state.one("recording");
      going = recording?.state === "recording";
      away.update(state);
      place.classList.toggle("on", going);
      show(time, going);
      show(starting, !going);
      show(marking, going);
      show(stop, going);
      text(time, going ? clock(recording.seconds) : "");
      text(said, words(recording, going));
    },
    toggle: () => (going ? end() : begin()),
    mark: () => (going ? note("") : null),
  };
}

function words(recording, going) {
  if (!recording) return "One file for each talker, and the mix. Tell the others before you record.";
  const marks = recording.marks ? `, ${counted(recording.marks, "mark")}` : "";
  if (going) {
    const voices = counted(recording.talkers.length, "voice");
    return `${voices}${marks} · ${bytes(recording.size_bytes)}, ${bytes(recording.free_bytes)} free`;
  }
  if (recording.state === "stopped" && recording.detail) return `It ended by itself: ${recording.detail}`;
  if (recording.folder) return `Last: ${recording.folder} (${clock(recording.seconds)}${marks})`;
  return "One file for each talker, and the mix. Tell the others before you record.";
}
