// The ways into a party: a link, the list, an invitation, or a new party.
import { el, keyed, show, text } from "../shared/dom.js";
import { counted } from "../shared/format.js";

export function entrance(requests) {
  const link = el("input", {
    id: "join-link",
    type: "text",
    placeholder: "https://party.playstation.com/…",
    "aria-label": "Share link or session id of a party",
    autocomplete: "off",
    spellcheck: false,
  });
  const join = el("button", { type: "submit", class: "primary" }, "Join");
  const form = el("form", { class: "line" }, link, join);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await requests.during(join, () => requests.run("JoinParty", { target: link.value.trim() }))) link.value = "";
  });
  const list = el("ul", { class: "parties" });
  const find = el("button", { type: "button" }, "Find parties");
  find.onclick = () => requests.during(find, () => findParties(requests, list));
  const own = creator(requests);
  return { element: el("div", { class: "entrance" }, form, el("div", { class: "line" }, find, own.toggle), own.form, list) };
}

/** Return the invitations, newest first, each with a button. */
export function invitations(requests) {
  const element = el("ul", { class: "parties invitations", "aria-label": "Invitations" });
  const kept = new Map();
  return {
    element,
    update(state, signedIn) {
      const here = state.joined ? state.one("party.state").session_id : "";
      const all = (state.one("party.invitations")?.invitations ?? []).filter(({ session_id }) => session_id !== here);
      keyed(element, kept, all.toReversed(), ({ session_id }) => session_id, ({ session_id }) => invitation(requests, session_id));
      show(element, signedIn && all.length > 0);
    },
  };
}

function invitation(requests, session_id) {
  const caption = el("strong");
  const join = el("button", { type: "button", class: "primary" }, "Join");
  join.onclick = () => requests.during(join, () => requests.run("JoinParty", { target: session_id }));
  return {
    element: el("li", {}, el("div", {}, caption), join),
    update({ from_online_id, from_account_id }) {
      text(caption, `${from_online_id || from_account_id || "Somebody"} invites you to a party`);
    },
  };
}

async function findParties(requests, list) {
  const found = await requests.run("ListParties");
  if (!found) return;
  const parties = found.parties.map((party) => partyLine(requests, party));
  list.replaceChildren(...(parties.length ? parties : [el("li", { class: "dim" }, "There is no party that you can join now.")]));
}

function partyLine(requests, party) {
  const join = el("button", { type: "button" }, "Join");
  join.onclick = () => requests.during(join, () => requests.run("JoinParty", { target: party.session_id }));
  const invited = party.standing === "invited" ? `, invited${party.invited_by ? ` by ${party.invited_by}` : ""}` : "";
  const caption = `${party.owner ? `owner ${party.owner}, ` : ""}${counted(party.members.length, "member")}${invited}`;
  return el("li", {}, el("div", {}, el("strong", {}, party.name || "Party"), el("span", { class: "dim" }, caption)), join);
}

function creator(requests) {
  const name = el("input", { type: "text", placeholder: "Name (optional)", "aria-label": "Name of the new party", maxLength: 60 });
  const open = el("input", { type: "checkbox" });
  const create = el("button", { type: "submit" }, "Create");
  const form = el("form", { class: "line" }, name, el("label", {}, open, "open to anybody"), create);
  const toggle = el("button", { type: "button", "aria-expanded": "false" }, "Create a party");
  form.hidden = true;
  toggle.onclick = () => {
    form.hidden = !form.hidden;
    toggle.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) name.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    requests.during(create, () => requests.run("CreateParty", { name: name.value.trim(), open: open.checked }));
  });
  return { toggle, form };
}
