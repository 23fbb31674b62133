// Calls and answers between Companion and a module's process, over any channel that carries JSON.
const LIMIT_MS = 10_000; // Companion's for `init`. Its other calls have 5 s.

export class Packets {
  #send;
  #handlers = {};
  #waiting = new Map();
  #last = 0;

  constructor(send) {
    this.#send = send;
  }

  serve(handlers) {
    this.#handlers = handlers;
  }

  tell(name, payload) {
    this.#send({ direction: "call", name, payload, callbackId: undefined });
  }

  call(name, payload) {
    const callbackId = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name}: Call timed out`)), LIMIT_MS);
      this.#waiting.set(callbackId, { resolve, reject, timer });
      this.#send({ direction: "call", name, payload, callbackId });
    });
  }

  async take({ direction, name, payload, callbackId, success }) {
    if (direction === "call") {
      try {
        if (!(name in this.#handlers)) throw new Error(`Unknown command "${name}"`);
        const result = await this.#handlers[name](payload);
        if (callbackId) this.#send({ direction: "response", callbackId, success: true, payload: result });
      } catch (error) {
        if (!callbackId) throw error;
        this.#send({ direction: "response", callbackId, success: false, payload: { message: error.message, stack: error.stack } });
      }
      return;
    }
    const waiting = this.#waiting.get(callbackId);
    if (!waiting) return;
    this.#waiting.delete(callbackId);
    clearTimeout(waiting.timer);
    if (success) waiting.resolve(payload);
    else waiting.reject(new Error(payload.message));
  }

  /** End every call that still waits: the other side is gone. */
  close(reason) {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#waiting.clear();
  }
}
