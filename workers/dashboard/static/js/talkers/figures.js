// The numbers of one talker, below their row.
import { delay } from "../dashboard/quality.js";
import { el, text } from "../shared/dom.js";
import { ms, percent } from "../shared/format.js";

export function figures(list, talker, mixer, rating, about) {
  const { state, mix } = talker;
  const share = state?.frames ? state.concealed_frames / state.frames : 0;
  const pairs = [
    ["Device", talker.device || "–"],
    ["Connection", rating.why],
    ["Delay to the ear", state ? ms(delay(talker, mixer)) : "–"],
    ["Buffer", state ? `${ms(state.delay_ms)} (target ${ms(state.target_delay_ms)})` : "–"],
    ["Jitter", state ? ms(state.jitter_ms) : "–"],
    ["Lost", state ? `${percent(state.loss_fraction)} (${state.lost} of ${state.lost + state.packets})` : "–"],
    ["Late", state ? String(state.late) : "–"],
    ["Concealed", state ? percent(share) : "–"],
    ["Repaired by FEC", state ? percent(state.frames ? state.fec_frames / state.frames : 0) : "–"],
    ["Gaps in the mix", mix ? ms(mix.missing * about.frame_ms) : "–"],
    ["Codec", state?.codec || "–"],
  ];
  if (list.children.length !== pairs.length) {
    list.replaceChildren(...pairs.map(([name]) => el("div", {}, el("dt", {}, name), el("dd"))));
  }
  pairs.forEach(([, value], index) => text(list.children[index].lastChild, value));
}
