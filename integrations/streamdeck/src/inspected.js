// What the property inspector is told: who is here, and whether partyline is. No I/O.

/**
 * @param {import("partyline-api").Status} status
 * @param {import("./actions/shared.js").Model | null} model
 */
export const inspected = ({ phase, error, right }, model) => ({
  phase,
  right,
  message: error?.message ?? "",
  remedy: error?.remedy ?? "",
  people: (model?.talkers ?? []).map(({ place, accountId, name, yourself }) => ({ place, accountId, name, yourself })),
});
