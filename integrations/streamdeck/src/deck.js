// The keys and dials that are visible now: what each shows, and what a press does. It knows partyline's client, and no SDK.
import { dial } from "./actions/index.js";
import { KeyIdle, warning } from "./actions/shared.js";
import { image } from "./picture.js";
import { wordsOf, wordsOfStatus } from "./words.js";

const DRAW_MS = 100; // Stream Deck's guidelines: at most ten pictures a second for a key
const FLASH_MS = 3000; // long enough to read three words

/**
 * @typedef {import("./actions/shared.js").KeyKind} KeyKind
 * @typedef {import("./actions/shared.js").Settings} Settings
 * @typedef {import("./actions/shared.js").Model} Model
 * @typedef {object} Handle a key or dial of the SDK
 * @property {string} id
 * @property {(image: string) => Promise<void>} [setImage]
 * @property {(state: 0 | 1) => Promise<void>} [setState]
 * @property {(feedback: any) => Promise<void>} [setFeedback]
 * @property {() => Promise<void>} showAlert
 * @property {() => Promise<void>} [showOk]
 * @typedef {{handle: Handle, kind: KeyKind | typeof dial, settings: Settings, states: number, image: string, state: number, feedback: string,
 *   flash: string[] | null, timer: any}} Shown
 */

export class Deck {
  /**
   * @param {() => Model | null} model null before there are settings
   * @param {() => import("partyline-api").Status} status
   * @param {(error: any) => void} log
   */
  constructor(model, status, log) {
    this.model = model;
    this.status = status;
    this.log = log;
    /** @type {Map<string, Shown>} */
    this.shown = new Map();
    /** @type {any} */
    this.timer = null;
    this.waiting = false;
  }

  /** Whether a visible key shows levels. */
  get wantsLevels() {
    return [...this.shown.values()].some(({ kind }) => kind.levels);
  }

  /** @param {Handle} handle @param {Shown["kind"]} kind @param {Settings} settings */
  appear(handle, kind, settings) {
    this.disappear(handle.id);
    const one = { handle, kind, settings, states: 0, image: "", state: -1, feedback: "", flash: null, timer: null };
    this.shown.set(handle.id, one);
    this.#draw(one);
  }

  /** @param {string} id */
  disappear(id) {
    clearTimeout(this.shown.get(id)?.timer);
    this.shown.delete(id);
  }

  /** @param {string} id @param {Settings} settings */
  set(id, settings) {
    const one = this.shown.get(id);
    if (!one) return;
    one.settings = settings;
    one.flash = null;
    this.#draw(one);
  }

  /** Something changed: draw soon, and not too often. */
  refresh() {
    if (this.timer) {
      this.waiting = true;
      return;
    }
    this.waiting = false;
    for (const one of this.shown.values()) this.#draw(one);
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.waiting) this.refresh();
    }, DRAW_MS);
  }

  /**
   * Do what a key or dial was pressed for. What fails is shown on it, and logged.
   * @param {string} id
   * @param {(kind: any, press: {settings: Settings, model: Model}) => Promise<any>} what
   */
  async act(id, what) {
    const one = this.shown.get(id);
    if (!one) return;
    one.flash = null;
    try {
      const wrong = wordsOfStatus(this.status());
      const model = this.model();
      if (wrong || !model) throw this.status().error ?? new KeyIdle(wrong ?? ["connecting"]);
      await what(one.kind, { settings: one.settings, model });
      this.#draw(one);
      if ("confirms" in one.kind && one.kind.confirms) await one.handle.showOk?.();
    } catch (error) {
      if (!(error instanceof KeyIdle)) this.log(error);
      this.#flash(one, error instanceof KeyIdle ? error.lines : wordsOf(/** @type {any} */ (error)));
      await one.handle.showAlert();
    }
  }

  // --- inside ------------------------------------------------------------------------------------

  /** @param {Shown} one @param {string[]} lines */
  #flash(one, lines) {
    clearTimeout(one.timer);
    one.flash = lines;
    one.timer = setTimeout(() => {
      one.flash = null;
      this.#draw(one);
    }, FLASH_MS);
    this.#draw(one);
  }

  /** @param {Shown} one */
  #draw(one) {
    const model = this.model();
    let lines = one.flash ?? wordsOfStatus(this.status()) ?? (model ? null : ["connecting"]);
    let look;
    if (!lines && model) {
      try {
        look = one.kind.look(one.settings, model);
      } catch (error) {
        if (!(error instanceof KeyIdle)) throw error;
        lines = error.lines;
      }
    }
    if (one.kind === dial) this.#feed(one, look ?? dial.warning(lines ?? []));
    else this.#paint(one, /** @type {any} */ (look ?? warning(lines ?? [])));
  }

  /** @param {Shown} one @param {object} feedback */
  #feed(one, feedback) {
    const text = JSON.stringify(feedback);
    if (text === one.feedback) return;
    one.feedback = text;
    void one.handle.setFeedback?.(feedback);
  }

  /** @param {Shown} one @param {import("./actions/shared.js").Look} look */
  #paint(one, { picture, state }) {
    const drawn = image(picture);
    if (drawn !== one.image) {
      one.image = drawn;
      void one.handle.setImage?.(drawn);
    }
    if (state === undefined || state === one.state) return;
    one.state = state;
    void one.handle.setState?.(/** @type {0 | 1} */ (state));
  }
}
