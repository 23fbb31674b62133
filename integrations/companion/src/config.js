// What the user sets for a connection, and what it means.
import { Regex } from "@companion-module/base";

const HOST = "127.0.0.1";
const PORT = 8770; // `[dashboard] port`

const LEVELS = [
  { id: "off", label: "None" },
  { id: "slow", label: "Twice a second" },
  { id: "full", label: "Ten times a second, for meters" },
];
/** Least time in ms between two levels that are passed on. partyline sends ten a second. @type {Record<string, number>} */
const PACE_MS = { slow: 450, full: 0 };

/** @returns {import("@companion-module/base").SomeCompanionConfigField[]} */
export function configFields() {
  return [
    {
      type: "static-text",
      id: "about",
      width: 12,
      label: "Before you begin",
      value: "Make a key on the machine that runs partyline: `partyline api key add Companion`. It is shown once.",
    },
    { type: "textinput", id: "host", width: 8, label: "Address of partyline", default: HOST, regex: Regex.SOMETHING },
    { type: "number", id: "port", width: 4, label: "Port", default: PORT, min: 1, max: 65535, asInteger: true },
    { type: "secret-text", id: "key", width: 12, label: "API key", default: "" },
    {
      type: "dropdown",
      id: "levels",
      width: 6,
      label: "Levels",
      choices: LEVELS,
      default: "full",
      tooltip: "Meters need them. Each level is a variable that changes, which costs Companion some work.",
    },
  ];
}

/** @typedef {{url: string, key: string, levels: boolean, paceMs: number}} Settings */

/**
 * Return what the user set. Fields that an older version did not have get their defaults.
 * @param {any} config
 * @param {any} secrets
 * @returns {Settings}
 */
export function settingsOf(config, secrets) {
  const levels = config?.levels ?? "full";
  return {
    url: addressOf(String(config?.host || HOST).trim(), config?.port || PORT),
    key: String(secrets?.key ?? "").trim(),
    levels: levels !== "off",
    paceMs: PACE_MS[levels] ?? 0,
  };
}

/**
 * Return the address. A port that was pasted with the host counts, since it is what its user sees.
 * @param {string} host a name, an IP address, or the address of a page
 * @param {number} port
 */
function addressOf(host, port) {
  const bare = /^[\da-f:]+$/i.test(host) && host.split(":").length > 2 ? `[${host}]` : host; // IPv6
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(bare) ? bare : `http://${bare}`);
    return `${url.protocol}//${url.hostname}:${url.port || port}`;
  } catch {
    return host; // the client says that this is no address
  }
}
