// One button that starts and stops the recording, and shows its length.
import { attribute, el, text } from "../shared/dom.js";
import { clock } from "../shared/format.js";

export function recordButton(place, requests) {
  const dot = el("span", { class: "rec", "aria-hidden": "true" });
  const label = el("span");
  const button = el("button", { type: "button", class: "small", title: "Tell the others before you record." }, dot, label);
  let running = false;
  button.onclick = () => requests.during(button, () => (running ? requests.run("StopRecording") : requests.run("StartRecording", { name: "" })));
  place.append(button);
  return {
    update(state) {
      const recording = state.one("recording");
      running = recording?.state === "recording";
      place.classList.toggle("on", running);
      text(label, running ? `Stop ${clock(recording.seconds)}` : "Record");
      attribute(button, "aria-pressed", String(running));
    },
  };
}
