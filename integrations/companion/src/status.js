// How the connection stands, as Companion shows it beside the connection's name.
import { InstanceStatus } from "@companion-module/base";

/** @type {Record<string, InstanceStatus>} */
const BY_CODE = {
  "api.no-key": InstanceStatus.AuthenticationFailure,
  "client.no-key": InstanceStatus.BadConfig,
  "client.bad-key": InstanceStatus.BadConfig,
  "client.bad-address": InstanceStatus.BadConfig,
  "client.not-partyline": InstanceStatus.BadConfig,
  "client.unreachable": InstanceStatus.ConnectionFailure,
  "client.lost": InstanceStatus.ConnectionFailure,
};

const API = "1"; // version of the API that this module speaks. What is added to it is 1.x
const TOO_NEW = "This partyline speaks a newer API. Install a newer version of this module.";
const MAY_READ = "This key may only read. For buttons make one with `partyline api key add Companion`.";
const MAY_BE_OLD = "If it is partyline, it is too old: update it."; // one without an API answers like any other web server

/**
 * Return the status and its words.
 * @param {import("partyline-api").Status} status
 * @returns {[InstanceStatus, string | null]}
 */
export function statusOf({ phase, error, right, api }) {
  if (phase === "connected") {
    if (api?.split(".")[0] !== API) return [InstanceStatus.UnknownError, TOO_NEW];
    return right === "read" ? [InstanceStatus.InsufficientPermissions, MAY_READ] : [InstanceStatus.Ok, null];
  }
  if (error) {
    const words = wordsOf(error);
    return [BY_CODE[error.code] ?? InstanceStatus.UnknownError, error.code === "client.not-partyline" ? `${words} ${MAY_BE_OLD}` : words];
  }
  return phase === "stopped" ? [InstanceStatus.Disconnected, null] : [InstanceStatus.Connecting, "Connecting with partyline"];
}

/** Return what happened and what to do about it, in one line. @param {{message: string, remedy?: string}} error */
export function wordsOf({ message, remedy }) {
  return [message, remedy].filter(Boolean).join(" ");
}
