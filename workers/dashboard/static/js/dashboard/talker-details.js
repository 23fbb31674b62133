// What other subjects place below a row's numbers. A tool is `tool(place, peer, requests)` and may return `{update(state)}`.
// It is made when the row's details are opened first, and `update` is called while they are open.
import { voiceTools } from "../talkers/tools.js";

const TOOLS = [voiceTools];

export function details(place, peer, requests) {
  const made = TOOLS.map((tool) => tool(place, peer, requests));
  return { update: (state) => made.forEach((tool) => tool?.update?.(state)) };
}
