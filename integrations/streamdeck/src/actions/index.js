import { gainDown, gainUp, mute, solo } from "./person.js";
import { clip, mark, party, record, speaker } from "./whole.js";

export { dial } from "./dial.js";
export const KEYS = [mute, solo, gainUp, gainDown, record, mark, clip, party, speaker];
