// The dock: one button that saves the last seconds. It is there while they are kept, which the dashboard switches on.
import { el, show } from "../shared/dom.js";

export function clipButton(place, requests) {
  const save = el("button", { type: "button", class: "small" }, "Clip");
  save.onclick = async () => {
    const saved = await requests.during(save, () => requests.run("SaveClip", { seconds: 0 }));
    if (saved) requests.confirm(`${Math.round(saved.seconds)} s are saved.`);
  };
  place.append(save);
  return {
    update(state) {
      const kept = state.one("clip")?.seconds ?? 0;
      show(place, kept > 0);
      save.title = `Saves the last ${kept} s of everybody. Tell them before you do.`;
    },
  };
}
