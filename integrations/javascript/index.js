// The client for browsers and other places with a WebSocket of their own. In Node `import "partyline-api"` takes node.js.
export { ChangeEvent, Partyline } from "./src/client.js";
export { PartylineError } from "./src/errors.js";
export { GAIN_DB, PartyMute } from "./src/mixing.js";
export { clock, COLOURS, QUIETEST_DB } from "./src/look.js";
export { Loudest, ofAccount, SILENCE_DB } from "./src/talkers.js";

/**
 * @typedef {import("./src/talkers.js").Talker} Talker
 * @typedef {import("./src/client.js").Status} Status
 * @typedef {import("./src/client.js").Options} Options
 */
