// What the actions, feedbacks, variables and presets look at: the client's state in the words of this module.
import { ofAccount, PartylineError, PartyMute, SILENCE_DB } from "partyline-api";

const OUTPUT_MAIN = "main";
const MOST_SEEN = 64; // four full parties: each person is eight variables in Companion's lists

/**
 * @typedef {import("partyline-api").Talker & {heard: boolean}} ViewTalker `heard`: neither muted nor solo-muted
 * @typedef {{accountId: string, name: string, talker: ViewTalker | null}} Person `talker` is null for who is away
 */

export class View {
  #client;
  #loudest;
  #now;
  /** @type {Map<string, string>} account id → name, who was here last at the end */
  #seen = new Map();

  /**
   * @param {import("partyline-api").Partyline} client
   * @param {import("partyline-api").Loudest} loudest
   * @param {() => number} now milliseconds of any clock
   */
  constructor(client, loudest, now = () => performance.now()) {
    this.#client = client;
    this.everybody = new PartyMute(client);
    this.#loudest = loudest;
    this.#now = now;
  }

  get connected() {
    return this.#client.status.phase === "connected";
  }

  /** Everybody else in the party, by place. Nobody speaks while the connection is lost. @returns {ViewTalker[]} */
  get talkers() {
    const { connected } = this;
    return this.#client.talkers.map((talker) => ({
      ...talker,
      heard: !talker.muted && !talker.hushed,
      speaking: connected && talker.speaking,
      level: connected ? talker.level : SILENCE_DB,
    }));
  }

  /**
   * Who is here, by place, and who was here since the start, the latest first. A button for someone who is away keeps its choice and its
   * variables.
   * @returns {Person[]}
   */
  get people() {
    const here = new Map(this.talkers.map((talker) => [talker.accountId, talker]));
    for (const { accountId, name } of here.values()) {
      this.#seen.delete(accountId);
      this.#seen.set(accountId, name);
    }
    for (const accountId of [...this.#seen.keys()].slice(0, -MOST_SEEN)) this.#seen.delete(accountId);
    const away = [...this.#seen].filter(([accountId]) => !here.has(accountId)).reverse();
    return [
      ...[...here].map(([accountId, talker]) => ({ accountId, name: talker.name, talker })),
      ...away.map(([accountId, name]) => ({ accountId, name, talker: null })),
    ];
  }

  get loudest() {
    return /** @type {ViewTalker | null} */ (this.#loudest.hear(this.talkers, this.#now()));
  }

  get party() {
    const party = this.#client.topic("party.state");
    return { joined: party?.phase === "joined", name: party?.name ?? "" };
  }

  get mixLevel() {
    return this.connected ? (this.#client.topic("audio.levels")?.mix ?? SILENCE_DB) : SILENCE_DB;
  }

  get masterGainDb() {
    return this.#client.masterGainDb;
  }

  /** @returns {{name: string, muted: boolean}[]} */
  get outputs() {
    return this.#client.topic("audio.mixer")?.outputs ?? [];
  }

  get recording() {
    const recording = this.#client.topic("recording");
    const running = recording?.state === "recording";
    return { running, seconds: running ? recording.seconds : 0, marks: running ? recording.marks : 0 };
  }

  /** `seconds` of which a clip can be saved now. */
  get clip() {
    const clip = this.#client.topic("clip");
    const seconds = Math.floor(Math.min(clip?.kept_s ?? 0, clip?.seconds ?? 0));
    return { ready: this.connected && seconds > 0, seconds };
  }

  /**
   * Return the open problems, the worst and newest first.
   * @param {unknown} severity "error", or "warning" for both
   * @returns {{severity: string, at: number, message: string}[]}
   */
  problems(severity) {
    const wanted = severity === "error" ? ["error"] : ["error", "warning"];
    const found = [...this.#client.topics].filter(([topic]) => topic.startsWith("problem/")).map(([, problem]) => problem);
    const rank = (/** @type {{severity: string}} */ problem) => wanted.indexOf(problem.severity);
    return found.filter((problem) => rank(problem) >= 0).sort((a, b) => rank(a) - rank(b) || b.at - a.at);
  }

  /**
   * Return the talker that a button means, or null.
   * @param {unknown} words a place, "loudest", an account id, a peer key or an online id
   * @returns {ViewTalker | null}
   */
  find(words) {
    const wanted = String(words ?? "").trim();
    if (wanted === "loudest") return this.loudest;
    const { talkers } = this;
    if (/^\d{1,2}$/.test(wanted)) return talkers.find(({ place }) => place === Number(wanted)) ?? null;
    const exact = talkers.find(({ peer }) => peer === wanted);
    const named = talkers.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    return exact ?? ofAccount(talkers, named?.accountId ?? wanted) ?? null;
  }

  /** Return the same. Throws a `PartylineError` where there is nobody. @param {unknown} words */
  talker(words) {
    const found = this.find(words);
    if (found) return found;
    if (!this.connected) throw this.#client.status.error ?? new PartylineError("client.not-connected", "There is no connection to partyline.");
    const wanted = String(words ?? "").trim();
    if (wanted === "loudest") throw new PartylineError("companion.nobody", "Nobody speaks.");
    if (/^\d{1,2}$/.test(wanted)) throw new PartylineError("companion.nobody", `Nobody has place ${wanted}.`);
    throw new PartylineError("companion.nobody", `${wanted || "Nobody"} is not in the party.`);
  }

  /** Return whether an output is muted. Throws a `PartylineError` if there is no such output. @param {unknown} output */
  isMuted(output) {
    const found = this.outputs.find(({ name }) => name === output);
    if (found) return found.muted;
    const names = this.outputs.map(({ name }) => name).join(", ") || OUTPUT_MAIN;
    throw new PartylineError("companion.no-output", `There is no output ${output}.`, `Outputs: ${names}.`);
  }
}
