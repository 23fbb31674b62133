// The party: its name and size, or how to get into one.
import { el, show, text } from "./dom.js";
import { counted, span } from "./words.js";

export function partyCard(place, actions) {
  const title = el("h2");
  const about = el("p", { class: "dim" });
  const leave = el("button", { type: "button" }, "Leave");
  leave.onclick = () => actions.during(leave, () => actions.do("LeaveParty"));
  const head = el("div", { class: "head" }, el("div", {}, title, about), leave);
  const within = inside(actions);
  const outside = entrance(actions);
  place.append(head, within.element, outside.element);
  return {
    update(state) {
      const party = state.one("party.state");
      const signedIn = ["signed_in", "refreshing"].includes(state.one("auth.state")?.state);
      const [name, said] = words(state, party, signedIn);
      text(title, name);
      text(about, said);
      show(leave, party !== null && party.phase !== "none");
      show(within.element, state.joined);
      show(outside.element, signedIn && !state.joined);
    },
  };
}

function words(state, party, signedIn) {
  if (!state.one("auth.state")) return ["Waiting for the workers", "They have not said anything yet. Give them some seconds after a start."];
  if (!signedIn) return ["Not signed in", "Sign in first: then the party you are invited into can be joined."];
  if (!party) return ["No word of the party yet", "The session worker has not said anything so far."];
  if (party.phase === "joining") return ["Joining …", party.name];
  if (party.phase === "leaving") return ["Leaving …", party.name];
  if (party.phase === "none") return ["No party", party.reason || "Join one by its link, or make one."];
  const since = party.joined_at ? `, here for ${span(state.now - party.joined_at)}` : "";
  const realm = state.one("auth.state")?.realm === "simulator" ? " · the simulator's demo" : "";
  return [party.name || "Party", `${counted(party.members.length, "member")} with us${since}${realm}`];
}

function inside(actions) {
  const who = el("input", { type: "text", placeholder: "Online id", "aria-label": "Online id to invite", autocomplete: "off", required: true });
  const button = el("button", { type: "submit" }, "Invite");
  const form = el("form", { class: "line" }, who, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ids = who.value.split(/[\s,]+/).filter(Boolean);
    if (await actions.during(button, () => actions.do("InvitePeople", { online_ids: ids }))) who.value = "";
  });
  return { element: form };
}

function entrance(actions) {
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
    if (await actions.during(join, () => actions.do("JoinParty", { target: link.value.trim() }))) link.value = "";
  });
  const list = el("ul", { class: "parties" });
  const find = el("button", { type: "button" }, "Find parties");
  find.onclick = () => actions.during(find, () => findParties(actions, list));
  return { element: el("div", { class: "entrance" }, form, el("div", { class: "line" }, find, creator(actions)), list) };
}

async function findParties(actions, list) {
  const found = await actions.do("ListParties");
  if (!found) return;
  const parties = found.parties.map((party) => partyLine(actions, party));
  list.replaceChildren(...(parties.length ? parties : [el("li", { class: "dim" }, "There is no party that you may join now.")]));
}

function partyLine(actions, party) {
  const join = el("button", { type: "button" }, "Join");
  join.onclick = () => actions.during(join, () => actions.do("JoinParty", { target: party.session_id }));
  const invited = party.standing === "invited" ? `, invited${party.invited_by ? ` by ${party.invited_by}` : ""}` : "";
  const said = `${party.owner ? `of ${party.owner}, ` : ""}${counted(party.members.length, "member")}${invited}`;
  return el("li", {}, el("div", {}, el("strong", {}, party.name || "Party"), el("span", { class: "dim" }, said)), join);
}

function creator(actions) {
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
    actions.during(create, () => actions.do("CreateParty", { name: name.value.trim(), open: open.checked }));
  });
  return el("div", { class: "line" }, toggle, form);
}
