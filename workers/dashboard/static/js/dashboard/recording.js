// The recording: start, mark and stop it, and its length, size and folder.
import { el, show, text } from "../shared/dom.js";
import { partAway } from "../live/parts.js";
import { bytes, clock, counted } from "../shared/format.js";

export function recordingCard(place, requests) {
  const dot = el("span", { class: "rec", "aria-hidden": "true" });
  const title = el("h2", {}, dot, "Recording");
  const time = el("p", { class: "time" });
  const caption = el("p", { class: "dim wrap" });
  const name = el("input", { type: "text", placeholder: "Name (optional)", "aria-label": "Name of the recording", maxLength: 80 });
  const start = el("button", { type: "submit", class: "primary" }, "Record");
  const starting = el("form", { class: "line" }, name, start);
  const mark = el("input", { type: "text", placeholder: "What happened?", "aria-label": "Text of the mark", maxLength: 200 });
  const submit = el("button", { type: "submit" }, "Mark");
  const marking = el("form", { class: "line" }, mark, submit);
  const stop = el("button", { type: "button", class: "stop" }, "Stop recording");
  const away = partAway("recorder", requests);
  let running = false;

  const record = () => requests.during(start, () => requests.run("StartRecording", { name: name.value.trim() }));
  const end = () => requests.during(stop, () => requests.run("StopRecording"));
  const addMark = async (text) => {
    if (await requests.during(submit, () => requests.run("MarkRecording", { text }))) mark.value = "";
  };
  starting.addEventListener("submit", (event) => {
    event.preventDefault();
    record();
  });
  marking.addEventListener("submit", (event) => {
    event.preventDefault();
    addMark(mark.value.trim());
  });
  stop.onclick = end;
  place.append(title, away.element, time, caption, starting, marking, stop);

  return {
    update(state) {
      const recording = state.one("recording");
      running = recording?.state === "recording";
      away.update(state);
      place.classList.toggle("on", running);
      show(time, running);
      show(starting, !running);
      show(marking, running);
      show(stop, running);
      text(time, running ? clock(recording.seconds) : "");
      text(caption, describe(recording, running));
    },
    toggle: () => (running ? end() : record()),
    mark: () => (running ? addMark("") : null),
  };
}

function describe(recording, running) {
  if (!recording) return "One file for each talker, and the mix. Tell the others before you record.";
  const marks = recording.marks ? `, ${counted(recording.marks, "mark")}` : "";
  if (running) {
    const voices = counted(recording.talkers.length, "voice");
    return `${voices}${marks} · ${bytes(recording.size_bytes)}, ${bytes(recording.free_bytes)} free`;
  }
  if (recording.state === "stopped" && recording.detail) return `The recording stopped: ${recording.detail}`;
  if (recording.folder) return `Last: ${recording.folder} (${clock(recording.seconds)}${marks})`;
  return "One file for each talker, and the mix. Tell the others before you record.";
}
