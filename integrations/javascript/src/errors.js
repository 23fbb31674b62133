// What went wrong, with what to do about it. The server's errors keep their codes; those of this client begin with `client.`.

export class PartylineError extends Error {
  /**
   * @param {string} code stable, for programs
   * @param {string} message what happened, a sentence
   * @param {string} remedy what to do about it
   */
  constructor(code, message, remedy = "") {
    super(message);
    this.name = "PartylineError";
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * Return the error of an answer's or frame's `error` field, whatever it holds.
 * @param {unknown} told
 */
export function errorOf(told) {
  const { code, message, remedy } = /** @type {Record<string, unknown>} */ (told && typeof told === "object" ? told : {});
  return new PartylineError(
    typeof code === "string" ? code : "client.not-partyline",
    typeof message === "string" ? message : "The answer is not one of partyline.",
    typeof remedy === "string" ? remedy : "Check the address.",
  );
}
