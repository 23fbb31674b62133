// Requests to the server. A refusal is shown with what happened and what to do about it.
import { el, rich } from "../shared/dom.js";

const ANSWER_LIMIT_MS = 70000; // longer than the server waits for a worker (SLOW_S in live/page_requests.py)
const REFUSAL_MS = 12000;
const CONFIRMATION_MS = 5000;

export class Requests {
  constructor(toasts) {
    this.toasts = toasts;
    this.waiting = new Map();
    this.count = 0;
    this.link = null;
  }

  /** Send a request. The promise is resolved with the answer, or rejected with {message, remedy}. */
  send(name, fields = {}) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const noAnswer = { message: "partyline does not answer.", remedy: "Check with `partyline status` whether it is running." };
      if (!this.link?.send({ id, do: name, fields })) return reject(noAnswer);
      const timer = setTimeout(() => this.settle({ id, error: noAnswer }), ANSWER_LIMIT_MS);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  /** Send a request, and show a refusal. Return the answer, or null. */
  async run(name, fields = {}) {
    try {
      return await this.send(name, fields);
    } catch (error) {
      this.toast(error.message, error.remedy, error.reference_id);
      return null;
    }
  }

  settle({ id, ok, error }) {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error) waiting.reject(error);
    else waiting.resolve(ok);
  }

  /** Reject all requests that have no answer, because the link broke. */
  rejectAll() {
    for (const id of [...this.waiting.keys()]) {
      this.settle({ id, error: { message: "The connection to partyline was lost before the answer came.", remedy: "Check whether it was done, then try again." } });
    }
  }

  /** Show that it is done. */
  confirm(message) {
    if (message) this.toast(message, "", "", true);
  }

  toast(message, remedy = "", reference = "", done = false) {
    const [title, hint] = [el("strong"), el("span")];
    rich(title, message);
    rich(hint, remedy);
    const close = el("button", { type: "button", class: "quiet round", "aria-label": "Close" }, "×");
    const toast = el(
      "div",
      { class: done ? "toast done" : "toast", role: done ? "status" : "alert" },
      el("div", {}, title, remedy ? hint : null, reference ? el("small", {}, `Sony's reference: ${reference}`) : null),
      close,
    );
    const end = () => toast.remove();
    close.addEventListener("click", end);
    let timer = 0;
    const fade = () => {
      clearTimeout(timer);
      timer = setTimeout(end, done ? CONFIRMATION_MS : REFUSAL_MS);
    };
    toast.addEventListener("pointerenter", () => clearTimeout(timer)); // it is being read
    toast.addEventListener("pointerleave", fade);
    fade();
    this.toasts.append(toast);
    while (this.toasts.children.length > 4) this.toasts.firstChild.remove();
  }

  /** Disable `button` while `job` runs. */
  async during(button, job) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      return await job();
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
}
