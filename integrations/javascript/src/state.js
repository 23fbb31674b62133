// The state by topic, as the frames of the API tell it. No sockets, no clock.

/** @typedef {{op: string, [field: string]: any}} Frame */
/** @typedef {{topic: string, message: any}} Change `message` null: the topic is gone */

export class TopicState {
  constructor() {
    /** @type {Map<string, any>} topic with its key → last message */
    this.topics = new Map();
    this.run = "";
    this.number = -1;
  }

  /** Where a subscription may go on, or undefined before the first snapshot. */
  get since() {
    return this.number < 0 ? undefined : { run: this.run, number: this.number };
  }

  /** Forget where it left off, so that the next subscription gets a snapshot. What is known stays until then. */
  rewind() {
    this.number = -1;
  }

  /**
   * Take a snapshot or an event. Return what changed by it.
   * @param {Frame} frame
   * @returns {Change[]}
   */
  take(frame) {
    if (frame.op === "snapshot") return this.#replace(frame);
    if (frame.op !== "event") return [];
    const { number, topic, message } = frame;
    if (number !== null) {
      if (number <= this.number) return []; // sent again after a subscription that went on from an earlier number
      this.number = number;
    }
    if (message === null) this.topics.delete(topic);
    else this.topics.set(topic, message);
    return [{ topic, message }];
  }

  /** @param {Frame} frame */
  #replace({ run, number, topics }) {
    const gone = [...this.topics.keys()].filter((topic) => !(topic in topics));
    this.topics = new Map(Object.entries(topics));
    this.run = run;
    this.number = number;
    return [...gone.map((topic) => ({ topic, message: null })), ...[...this.topics].map(([topic, message]) => ({ topic, message }))];
  }
}
