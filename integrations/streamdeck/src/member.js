// Whom a key is for: the Nth in the party, or one person whatever the place. No I/O.
import { ofAccount } from "partyline-api";

/**
 * @typedef {object} Choice settings of a key
 * @property {"place" | "account"} [by]
 * @property {number | string} [place]
 * @property {string} [accountId]
 * @property {string} [name] what the person was called when chosen, for as long as they are away
 */

/**
 * @typedef {import("partyline-api").Talker} Talker
 * @typedef {{talker: Talker, missing?: undefined} | {talker?: undefined, missing: string[]}} Chosen `missing`: words for the key
 */

/**
 * Return whom the settings mean among those who are here, or what to write on the key instead.
 * @param {Choice} choice
 * @param {Talker[]} talkers
 * @param {boolean} joined whether there is a party
 * @returns {Chosen}
 */
export function chosen(choice, talkers, joined) {
  if (choice.by === "account") {
    if (!choice.accountId) return { missing: ["choose", "a person"] };
    const talker = ofAccount(talkers, choice.accountId);
    if (talker) return { talker };
    return { missing: [choice.name || "this person", joined ? "is not here" : "no party"] };
  }
  const place = placeOf(choice);
  const talker = talkers.find((one) => one.place === place);
  if (talker) return { talker };
  return { missing: joined ? [`place ${place}`, "is free"] : ["no party"] };
}

/** @param {Choice} choice */
export const placeOf = (choice) => Math.max(1, Math.trunc(Number(choice.place)) || 1);
