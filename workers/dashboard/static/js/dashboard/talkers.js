// The faders: one row for each talker, in the order of choice, and who is loudest.
import { el, keyed, show, text } from "../shared/dom.js";
import { counted, SILENCE_DB } from "../shared/format.js";
import { remembered } from "../shared/remembered.js";
import { inUse } from "../talkers/in-use.js";
import { Loudest } from "../talkers/loudest.js";
import { Order, ORDERS } from "../talkers/order.js";
import { row } from "../talkers/row.js";

const WORDS = { joined: "Order of joining", spoken: "Last spoken", name: "Name" };

export function talkersCard(place, requests) {
  const list = el("ul", { class: "talkers" });
  const empty = el("p", { class: "empty" });
  const count = el("span", { class: "dim" });
  const loudestLine = el("span", { class: "dim loudest" });
  const sort = remembered("sort", ORDERS);
  const choice = el("select", { "aria-label": "Sort by", title: "Sort by" }, ...ORDERS.map((by) => el("option", { value: by }, WORDS[by])));
  const head = el("div", { class: "over" }, count, loudestLine, choice);
  const kept = new Map();
  const held = inUse(list);
  const order = new Order();
  const loudest = new Loudest();
  const last = new Map(); // the last state of each row, for one that left while the rows were in use
  let present = null;
  place.append(el("h2", { class: "unseen" }, "Talkers"), head, list, empty);
  choice.value = sort.get();
  choice.onchange = () => {
    sort.set(choice.value);
    if (present) draw(present);
  };

  function draw(state) {
    present = state;
    const talkers = state.talkers();
    show(place, state.joined || talkers.length > 0);
    show(empty, talkers.length === 0);
    show(head, talkers.length > 0);
    text(empty, "Nobody else is here yet. Members appear when they join.");
    text(count, `${counted(talkers.length, "person").replace("persons", "people")} to hear`);
    arrange(talkers, state.now);
    const names = talkers.map(({ name }) => name);
    for (const talker of talkers) {
      const twin = names.indexOf(talker.name) !== names.lastIndexOf(talker.name);
      kept.get(talker.peer).draw({ talker, state, twin });
    }
    const here = new Set(talkers.map(({ peer }) => peer));
    for (const [peer, { draw: redraw }] of kept) {
      if (!here.has(peer)) redraw({ talker: { ...last.get(peer), gone: true, speaking: false, level: SILENCE_DB }, state, twin: false });
    }
    drawLoudest();
  }

  function drawLoudest() {
    for (const [peer, { markLoudest }] of kept) markLoudest(peer === loudest.peer);
    text(loudestLine, loudest.peer ? `Loudest: ${last.get(loudest.peer)?.name ?? ""}` : "");
  }

  function arrange(talkers, now) {
    for (const talker of talkers) last.set(talker.peer, talker);
    const peers = order.arrange(talkers, sort.get(), held(), now);
    const focused = document.activeElement;
    const at = [...list.children].findIndex((item) => item.contains(focused));
    keyed(list, kept, peers.map((peer) => last.get(peer)), ({ peer }) => peer, (talker) => row(talker, requests));
    if (at >= 0 && focused !== document.activeElement) keepFocus(focused, at);
    for (const peer of last.keys()) if (!kept.has(peer)) last.delete(peer);
  }

  /** Give the focus back to what was moved, or to the row that stands now where the removed one stood. */
  function keepFocus(focused, at) {
    const next = list.children[Math.min(at, list.children.length - 1)]?.firstChild;
    (list.contains(focused) ? focused : next)?.focus({ preventScroll: true });
  }

  return {
    update: draw,
    levels({ talkers }) {
      const before = loudest.peer;
      if (loudest.hear(talkers, performance.now() / 1000) !== before) drawLoudest();
      for (const [peer, { level }] of kept) level(talkers[peer] ?? SILENCE_DB);
    },
    rows: () => [...list.children].map((item) => item.firstChild),
    /** The row that has the focus, as {mute, solo, gain(by), reset, details}. */
    focused: () => [...kept.values()].find(({ element }) => element.contains(document.activeElement)) ?? null,
  };
}
