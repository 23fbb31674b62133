// The overlay's address: written, shown without its key, and read again. Pure.
import { options, written } from "../overlay/options.js";

export const PATH = "/overlay";
// Characters after the host. aiohttp refuses a request whose first line has over 8190. OBS's field takes more: it is a
// QLineEdit without a limit of its own, so Qt's 32767.
export const LONGEST = 8000;
const HIDDEN = "•••";

/** Return the address, with `key`, for a browser source. */
export function overlayAddress(origin, key, chosen) {
  const query = written(chosen).toString();
  return `${origin}${PATH}?key=${encodeURIComponent(key)}${query && `&${query}`}`;
}

/** Return the address without its key, for a screen that may be on a stream. */
export const shownAddress = (origin, chosen) => overlayAddress(origin, "", chosen).replace("?key=", `?key=${HIDDEN}`);

export const isTooLong = (address) => new URL(address).pathname.length + new URL(address).search.length > LONGEST;

/** Read an address that somebody pasted. Return {chosen, origin, key}, or {problem, remedy}. */
export function readAddress(pasted) {
  const remedy = "In OBS, open the Browser source of the overlay and copy the whole URL.";
  let address;
  try {
    address = new URL(pasted.trim());
  } catch {
    return { problem: "This is not an address.", remedy };
  }
  if (address.protocol !== "http:" || address.pathname !== PATH) {
    return { problem: "This is not the address of partyline's overlay.", remedy };
  }
  return { chosen: options(address.searchParams), origin: address.origin, key: address.searchParams.get("key") ?? "" };
}
