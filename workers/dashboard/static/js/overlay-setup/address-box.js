// The overlay's address with its copy button, and the way back from an address to its options.
import { el, show, text } from "../shared/dom.js";
import { isTooLong, overlayAddress, readAddress, shownAddress } from "./overlay-address.js";

/** `onRead({chosen, origin, key})` hears of a pasted address, `onForget()` of the wish to drop who is not here. */
export function addressBox(place, { onRead, onForget }) {
  const shown = el("input", { type: "text", readOnly: true, "aria-label": "Address", "aria-describedby": "address-note" });
  const copy = el("button", { type: "button", class: "primary", onclick: () => put() }, "Copy the address");
  const said = el("p", { role: "status", class: "said-here" });
  const forget = el("button", { type: "button", onclick: onForget, hidden: true }, "Forget who is not here");
  const pasted = el("input", { type: "text", id: "pasted", autocomplete: "off", spellcheck: false, placeholder: "http://127.0.0.1:8770/overlay?key=…" });
  const refused = el("p", { role: "alert", class: "refused" });
  const form = el("form", { onsubmit: read }, el("label", { for: "pasted" }, "Go on with an address that is in OBS already"), el("div", { class: "line" }, pasted, el("button", { type: "submit" }, "Read it")));
  let address = "";
  place.append(
    el("h2", { id: "address-title" }, "Address for OBS"),
    el("div", { class: "line" }, shown, copy),
    said,
    forget,
    el("p", { id: "address-note", class: "dim hint" }, "In OBS: Sources, +, Browser. Paste it as URL, with the width and height of the preview. It holds a key, so do not show it on a stream."),
    form,
    refused,
  );

  async function put() {
    try {
      await navigator.clipboard.writeText(address);
      text(said, "Copied. Paste it into the URL of the Browser source in OBS.");
    } catch {
      // a browser has no clipboard for pages over plain HTTP from another machine
      shown.value = address;
      shown.focus();
      shown.select();
      text(said, "This browser does not let the page copy. The whole address is selected: copy it with Ctrl+C, on a Mac ⌘C.");
    }
  }

  function read(event) {
    event.preventDefault();
    const found = readAddress(pasted.value);
    text(refused, found.problem ? `${found.problem} ${found.remedy}` : "");
    if (found.problem) return;
    pasted.value = "";
    text(said, onRead(found));
  }

  return {
    update(origin, key, chosen) {
      const now = key ? overlayAddress(origin, key, chosen) : "";
      if (now === address && shown.value) return;
      address = now;
      shown.value = shownAddress(origin, chosen);
      const tooLong = Boolean(address) && isTooLong(address);
      copy.disabled = !address || tooLong;
      show(forget, tooLong);
      if (tooLong) text(said, "This address is too long for partyline. Forget people who are not here, or shorten nicknames.");
      else text(said, "");
    },
  };
}
