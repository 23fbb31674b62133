// How the voices get into OBS, and what else is made there.
import { el, options, show } from "../shared/dom.js";
import { more } from "./parts.js";

const ROUTES = [
  ["mix", "All voices in one source", "The usual way. OBS needs no sound device for it."],
  ["each", "A source for each person", "Each gets a fader of their own in OBS. Sources follow who joins and leaves."],
];
const OTHER_ROUTES = [
  ["stream", "A media source with all voices", "For an OBS without browser sources, or one whose browser source crackles."],
  ["device", "A virtual sound device", "For example BlackHole, if you have it already."],
];
const BY_PAGE = ["mix", "each"];

export function obsChoice() {
  const every = [...ROUTES, ...OTHER_ROUTES];
  const radios = new Map(every.map(([route]) => [route, el("input", { type: "radio", name: "route", value: route })]));
  const group = (title, routes) =>
    el(
      "fieldset",
      { class: "routes" },
      el("legend", {}, title),
      ...routes.map(([route, name, words]) => el("label", {}, radios.get(route), el("span", {}, name, el("span", { class: "dim" }, words)))),
    );
  const box = (name, words, checked = false) => {
    const input = el("input", { type: "checkbox", checked });
    return { input, element: el("label", {}, input, el("span", {}, name, el("span", { class: "dim" }, words))) };
  };
  const overlay = box("Show who speaks", "An overlay as another source.", true);
  const tracks = box("Audio tracks of their own", "OBS records the people on its tracks 2 to 6.");
  const duck = box("Lower the game while the party speaks", "By a filter on the source that you choose.");
  const game = el("select", { "aria-label": "Source of the game" });
  const scene = el("select", { "aria-label": "Scene for the sources" });
  const without = el("p", { class: "dim" }, "This OBS has no browser sources. So the first two ways and the overlay are not possible.");
  const scenes = el("label", { class: "field" }, el("span", {}, "Scene"), scene);
  const games = el("label", { class: "field" }, el("span", {}, "Source"), game);
  const others = more("More choices", group("Other ways into OBS", OTHER_ROUTES), duck.element, games, scenes);
  const element = el("div", { class: "choices" }, group("How the voices get into OBS", ROUTES), without, overlay.element, tracks.element, others);
  let touched = false;
  const chosen = () => every.map(([route]) => route).find((route) => radios.get(route).checked) ?? "mix";
  const dependent = () => {
    show(tracks.element, chosen() === "each");
    show(games, duck.input.checked);
  };
  element.addEventListener("change", () => {
    touched = true;
    dependent();
  });
  radios.get("mix").checked = true;
  dependent();
  return {
    element,
    value: () => ({
      route: chosen(),
      overlay: overlay.input.checked,
      scene: scene.value,
      tracks: chosen() === "each" && tracks.input.checked,
      duck: duck.input.checked,
      duck_source: duck.input.checked ? game.value : "",
    }),
    update(obs) {
      const pages = !obs.connected || obs.has_browser;
      show(without, !pages);
      for (const route of BY_PAGE) radios.get(route).disabled = !pages;
      overlay.input.disabled = !pages;
      if (!touched) preset(obs, pages);
      options(scene, [["", obs.scene ? `On air now (${obs.scene})` : "On air now"], ...(obs.scenes ?? []).map((name) => [name, name])]);
      options(game, (obs.audio_sources ?? []).map((name) => [name, name]));
      show(duck.element, (obs.audio_sources ?? []).length > 0);
      show(scenes, (obs.scenes ?? []).length > 1);
      dependent();
    },
  };

  /** Choose what was set up already, or what this OBS can do. */
  function preset(obs, pages) {
    const { route = pages ? "mix" : "stream", overlay: shown = true, tracks: apart = false, duck: lowered = false } = obs.setup ?? {};
    radios.get(route).checked = true;
    if (!BY_PAGE.includes(route)) others.open = true;
    overlay.input.checked = shown && pages;
    tracks.input.checked = apart;
    duck.input.checked = lowered;
  }
}
