// The plugin's process. Stream Deck starts it with -port, -pluginUUID, -registerEvent and -info, and it lives as long as Stream Deck.
import streamDeck, { SingletonAction } from "@elgato/streamdeck";
import { dial, KEYS } from "./actions/index.js";
import { Deck } from "./deck.js";
import { inspected } from "./inspected.js";
import { Link } from "./link.js";

const ORPHAN_MS = 5000; // chosen: nobody waits for it
const { logger, settings, actions, ui } = streamDeck;
logger.setLevel("info"); // finer ones log whole messages, and the API key is in one of them

const deck = new Deck(() => link.model(), () => link.status, told);
const link = new Link(
  () => {
    deck.refresh();
    tellInspector();
  },
  ({ phase, error, right }) => {
    if (phase === "connected") logger.info(`connected to partyline with a key of right ${right}`);
    else if (error) told(error);
  },
);
let last = "";
let shownThere = "";

/** Log an error once until there is another one. @param {any} error */
function told(error) {
  const words = [error?.code, error?.message, error?.remedy].filter(Boolean).join(" | ");
  if (words !== last) logger.warn(words || String(error));
  last = words;
}

/** The inspector shows names and what is wrong. It may not be there. @param {boolean} [anew] it has just appeared */
function tellInspector(anew = false) {
  if (!ui.action) return;
  const now = inspected(link.status, link.model());
  const words = JSON.stringify(now);
  if (words === shownThere && !anew) return;
  shownThere = words;
  void ui.sendToPropertyInspector(now);
}

const known = () => link.wantLevels(deck.wantsLevels);

for (const kind of KEYS) {
  class Key extends SingletonAction {
    manifestId = kind.uuid;
    /** @param {any} event */
    async onWillAppear({ action, payload }) {
      deck.appear(action, kind, payload.settings);
      known();
    }
    /** @param {any} event */
    async onWillDisappear({ action }) {
      deck.disappear(action.id);
      known();
    }
    /** @param {any} event */
    async onDidReceiveSettings({ action, payload }) {
      deck.set(action.id, payload.settings);
    }
    /** @param {any} event */
    async onKeyDown({ action, payload }) {
      const wanted = payload.isInMultiAction ? payload.userDesiredState : undefined;
      await deck.act(action.id, (_, press) => kind.press({ ...press, wanted }));
    }
    async onPropertyInspectorDidAppear() {
      tellInspector(true);
    }
  }
  actions.registerAction(new Key());
}

class Dial extends SingletonAction {
  manifestId = dial.uuid;
  /** @param {any} event */
  async onWillAppear({ action, payload }) {
    deck.appear(action, dial, payload.settings);
    known();
  }
  /** @param {any} event */
  async onWillDisappear({ action }) {
    deck.disappear(action.id);
    known();
  }
  /** @param {any} event */
  async onDidReceiveSettings({ action, payload }) {
    deck.set(action.id, payload.settings);
  }
  /** @param {any} event */
  async onDialRotate({ action, payload }) {
    await deck.act(action.id, (_, press) => dial.rotate({ ...press, ticks: payload.ticks }));
  }
  /** @param {any} event */
  async onDialDown({ action }) {
    await deck.act(action.id, (_, press) => dial.press(press));
  }
  /** @param {any} event */
  async onTouchTap({ action, payload }) {
    await deck.act(action.id, (_, press) => (payload.hold ? dial.reset(press) : dial.press(press)));
  }
  async onPropertyInspectorDidAppear() {
    tellInspector(true);
  }
}
actions.registerAction(new Dial());

// asynchronous, so that an error in it is no error of the message, which the SDK would log whole, with the key
settings.onDidReceiveGlobalSettings(async ({ settings: given }) => {
  link.use(/** @type {import("./link.js").GlobalSettings} */ (given));
  deck.refresh();
  tellInspector();
});
ui.onSendToPlugin(async () => tellInspector(true));

// partyline's connection would keep the process alive after a Stream Deck app that crashed. Windows never tells.
const app = process.ppid;
setInterval(() => process.ppid !== app && process.exit(0), ORPHAN_MS).unref();

await streamDeck.connect();
link.use(await settings.getGlobalSettings());
deck.refresh();
