// Feedbacks that are placed on buttons: run when they are placed and when the module asks, sent together after 5 ms, as Companion does.
const GATHER_MS = 5;

export class Feedbacks {
  #tell;
  #definitions = {};
  #placed = new Map();
  #values = new Map();
  #timer = null;

  constructor(tell) {
    this.#tell = tell;
  }

  define(definitions) {
    this.#definitions = definitions;
  }

  place(changed) {
    for (const [id, feedback] of Object.entries(changed)) {
      if (feedback) this.#placed.set(id, feedback);
      else this.#placed.delete(id);
      if (feedback) this.#run(feedback);
    }
  }

  check(wanted) {
    for (const feedback of this.#placed.values()) if (wanted(feedback.feedbackId)) this.#run(feedback);
  }

  async #run(feedback) {
    const definition = this.#definitions[feedback.feedbackId];
    if (!definition) return;
    const value = await definition.callback({ ...feedback, type: definition.type, previousOptions: null }, { type: "feedback" });
    this.#values.set(feedback.id, { id: feedback.id, controlId: feedback.controlId, feedbackType: definition.type, value });
    if (this.#timer === null) this.#timer = setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush() {
    this.#timer = null;
    this.#tell("updateFeedbackValues", { values: [...this.#values.values()] });
    this.#values.clear();
  }
}
