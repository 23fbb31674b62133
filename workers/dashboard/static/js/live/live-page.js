// A page with the state of the pipeline: its link, its state, and the cards that are drawn from it.
import { enableControls } from "../shared/live-controls.js";
import { Link } from "../shared/link.js";
import { State } from "../dashboard/state.js";

const REDRAW_MS = 2000; // for what changes with time only: ages, stale heartbeats

/** Return whether a frame has only levels, which come ten times a second. */
function onlyLevels({ about, bus, answers, topics = {} }) {
  return !about && bus === undefined && !answers && Object.keys(topics).join() === "audio.levels/";
}

export function livePage(main, banner, requests) {
  const state = new State();
  const content = main.firstElementChild; // a page has its <main> also while there is nothing in it
  let [link, synced] = ["connecting", false];
  let [cards, metered] = [[], []];

  function draw() {
    banner.update(state, link);
    content.hidden = !synced || link === "refused";
    document.body.classList.toggle("stale", synced && link !== "open");
    if (synced) for (const card of cards) card.update(state);
    enableControls(link === "open"); // after the cards, which make controls
  }

  function onMessage(frame) {
    synced = true;
    state.apply(frame);
    for (const answer of frame.answers ?? []) requests.settle(answer);
    if (onlyLevels(frame)) for (const card of metered) card.levels(state.one("audio.levels"));
    else draw();
  }

  function onState(now) {
    if (link === "open" && now !== "open") requests.rejectAll();
    link = now;
    draw();
  }

  return {
    linked: () => link === "open",
    /** Open the link with `key`. `metered` are the cards with `levels`. */
    run(key, shown) {
      ({ cards, metered } = shown);
      if (key) {
        requests.link = new Link("/live", key, { onMessage, onState });
      } else {
        link = "no key";
        draw();
      }
      setInterval(draw, REDRAW_MS);
    },
  };
}
