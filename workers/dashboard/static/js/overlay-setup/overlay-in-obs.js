// The overlay in OBS: put there by a click, changed where it is, and taken out.
import { el, options, rich, show, text } from "../shared/dom.js";
import { obsFound } from "../live/obs-found.js";

const NO_BROWSER = "This OBS has no Browser Source, so it cannot show the overlay. The official build of OBS has it. Until then, open the address above in a browser window and capture that window.";

/**
 * `look()` returns the query of the overlay as it is chosen, `size()` its {width, height} in the preview, `isSized()` whether
 * those were chosen here. `onLook(query)` hears of the wish to go on with the look that OBS has.
 */
export function overlayInObs(place, requests, { look, size, isSized, onLook, redraw }) {
  const found = obsFound(requests, redraw);
  const standing = el("p", { class: "dim" });
  const scene = el("select", { id: "obs-scene" });
  const scenes = el("div", { class: "option" }, el("label", { for: "obs-scene" }, "Scene"), el("div", { class: "controls" }, scene));
  const put = el("button", { type: "button", class: "primary", disabled: true }, "Put this overlay into OBS");
  const take = el("button", { type: "button", hidden: true }, "Take it out of OBS");
  const read = el("button", { type: "button", hidden: true }, "Show how it looks in OBS");
  const said = el("p", { role: "status", class: "said-here" });
  const refused = el("p", { role: "alert", class: "refused" });
  let there = null;
  place.append(el("h2", { id: "obs-title" }, "In OBS"), standing, scenes, el("div", { class: "line" }, put, read, take), said, refused);

  async function change(button, job, words) {
    if (found.busy) return;
    for (const line of [said, refused]) text(line, "");
    try {
      const { changes } = await found.during(() => requests.during(button, job));
      text(said, words(changes));
    } catch ({ message, remedy }) {
      rich(refused, `${message} ${remedy ?? ""}`);
    }
    redraw();
  }
  put.onclick = () => {
    const { width, height } = !there || isSized() ? size() : { width: 0, height: 0 };
    change(put, () => requests.send("PutOverlayIntoObs", { look: look(), scene: scene.value, width, height }), ([{ name, done }]) =>
      done === "created" ? `“${name}” is in OBS now. Move it there as you like.` : done === "updated" ? `“${name}” was changed in OBS.` : `“${name}” is up to date.`,
    );
  };
  take.onclick = () => change(take, () => requests.send("TakeOverlayFromObs"), (changes) => (changes.length ? "The overlay was taken out of OBS." : "OBS had no overlay of partyline any more."));
  read.onclick = () => onLook(there.look ?? "");

  return {
    update(state) {
      const now = found.now(state);
      const connected = Boolean(now?.connected);
      there = (connected && now.sources?.find(({ carries }) => carries === "overlay")) || null;
      const differs = Boolean(there) && !isSame(there.look ?? "", look());
      rich(standing, words(now, found.runs(state), there, differs));
      options(scene, [["", now?.scene ? `On air now (${now.scene})` : "On air now"], ...(now?.scenes ?? []).map((name) => [name, name])]);
      show(scenes, connected && (now.scenes ?? []).length > 1);
      text(put, there ? "Change it in OBS" : "Put this overlay into OBS");
      put.classList.toggle("primary", !there || differs);
      show(read, differs);
      show(take, Boolean(there));
      if (found.busy) return;
      put.disabled = !connected || !now.has_browser;
      for (const button of [take, read]) button.disabled = !connected;
    },
  };
}

function words(now, runs, there, differs) {
  if (!runs) return "The worker for OBS has not reported yet. After a start this takes some seconds.";
  if (!now) return "Looking for OBS …";
  if (!now.connected) return now.problem ? `${now.problem} ${now.remedy ?? ""}` : "Looking for OBS …";
  if (!now.has_browser) return NO_BROWSER;
  if (!there) return `OBS ${now.version} is there. It has no overlay of partyline.`;
  const where = there.scenes?.length ? `in OBS, in ${there.scenes.join(", ")}` : "in OBS, but in no scene, so nobody sees it";
  return `The overlay is ${where}. ${differs ? "It looks different there from this page." : "It looks there as on this page."}`;
}

/** Return whether two queries say the same, whatever their order. */
function isSame(one, other) {
  const sorted = (query) => JSON.stringify([...new URLSearchParams(query)].sort());
  return sorted(one) === sorted(other);
}
