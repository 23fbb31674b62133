// Open problems, the worst first, each with what to do about it. Where it comes from is for the details.
import { el, keyed, rich, show, text } from "../shared/dom.js";
import { span } from "../shared/format.js";

const RANK = { error: 0, warning: 1, note: 2 };
const SIGNS = { error: "Error", warning: "Warning", note: "Note" };

export function problemsCard(place) {
  const list = el("ul", { class: "problems" });
  const kept = new Map();
  place.append(list);
  return {
    update(state) {
      const problems = state.all("problem").sort((a, b) => RANK[a.severity] - RANK[b.severity] || b.at - a.at);
      show(place, problems.length > 0);
      keyed(list, kept, problems, (problem) => `${problem.worker}.${problem.code}`, () => row(state));
    },
  };
}

function row(state) {
  const sign = el("span", { class: "sign" });
  const message = el("strong");
  const remedy = el("span", { class: "remedy" });
  const more = el("p", { class: "dim" });
  const element = el("li", {}, sign, el("div", {}, message, remedy), el("details", {}, el("summary", {}, "Details"), more));
  return {
    element,
    update(problem) {
      element.className = problem.severity;
      text(sign, SIGNS[problem.severity]);
      rich(message, problem.message);
      rich(remedy, problem.remedy);
      const times = problem.count > 1 ? `${problem.count} times, last ${span(state.now - problem.at)} ago` : `${span(state.now - problem.at)} ago`;
      const reference = problem.reference_id ? `Sony's reference: ${problem.reference_id}` : "";
      text(more, [times, `worker ${problem.worker}`, `code ${problem.code}`, reference].filter(Boolean).join(" · "));
    },
  };
}
