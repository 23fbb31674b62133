// Questions to the server, and how a refusal is shown: what happened, and what to do about it.
import { el, rich } from "../shared/dom.js";

const PATIENCE_MS = 70000;
const SHOWN_MS = 12000;
const TOLD_MS = 5000;

export class Actions {
  constructor(toasts) {
    this.toasts = toasts;
    this.waiting = new Map();
    this.count = 0;
    this.link = null;
  }

  /** Ask; the promise gives the answer, or is rejected with {message, remedy}. */
  ask(name, fields = {}) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const gone = { message: "partyline does not answer.", remedy: "Is it running? `partyline status` tells." };
      if (!this.link?.send({ id, do: name, fields })) return reject(gone);
      const timer = setTimeout(() => this.settle({ id, error: gone }), PATIENCE_MS);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  /** Ask, and show it if it is refused. Returns the answer, or null. */
  async do(name, fields = {}) {
    try {
      return await this.ask(name, fields);
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

  /** The link broke: nobody will answer any more. */
  giveUp() {
    for (const id of [...this.waiting.keys()]) {
      this.settle({ id, error: { message: "The connection to partyline broke before the answer came.", remedy: "See whether it was done, then try again." } });
    }
  }

  /** Say that it is done. */
  told(message) {
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
      timer = setTimeout(end, done ? TOLD_MS : SHOWN_MS);
    };
    toast.addEventListener("pointerenter", () => clearTimeout(timer)); // whoever points at it reads it
    toast.addEventListener("pointerleave", fade);
    fade();
    this.toasts.append(toast);
    while (this.toasts.children.length > 4) this.toasts.firstChild.remove();
  }

  /** Disable `button` until what it began is done. */
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
