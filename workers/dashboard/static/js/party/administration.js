// The administration of the party: rename it, open or close it, invite people.
import { el, show, text } from "../shared/dom.js";

export function administration(requests) {
  const access = visibility(requests);
  return { element: el("div", { class: "administration" }, inviting(requests), access.element), update: access.update };
}

function inviting(requests) {
  const who = el("input", { type: "text", placeholder: "Online ids to invite", "aria-label": "Online ids to invite", autocomplete: "off", spellcheck: false, required: true });
  const button = el("button", { type: "submit" }, "Invite");
  const form = el("form", { class: "line" }, who, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ids = who.value.split(/[\s,]+/).filter(Boolean);
    if (!ids.length) return;
    const invited = await requests.during(button, () => requests.run("InvitePeople", { online_ids: ids }));
    if (!invited) return;
    who.value = "";
    requests.confirm(`Invited ${invited.online_ids.join(", ")}.`);
  });
  return form;
}

/** Return the button and the form that rename the party. */
export function renaming(requests, title) {
  const button = el("button", { type: "button", class: "small" }, "Rename");
  const name = el("input", { type: "text", "aria-label": "New name of the party", autocomplete: "off", maxLength: 60, required: true });
  const save = el("button", { type: "submit", class: "primary" }, "Save");
  const cancel = el("button", { type: "button" }, "Cancel");
  const form = el("form", { class: "line", hidden: true, "aria-label": "Rename the party" }, name, save, cancel);
  let joined = false;
  let present = "";

  function draw() {
    if (!joined) form.hidden = true;
    show(title.closest(".head"), form.hidden);
    show(button, joined);
  }
  const open = () => {
    if (!joined) return;
    form.hidden = false;
    name.value = present;
    draw();
    name.select();
  };
  const close = () => {
    form.hidden = true;
    draw();
    button.focus();
  };
  button.onclick = open;
  cancel.onclick = close;
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  name.addEventListener("input", () => name.setCustomValidity(name.value.trim() ? "" : "The name cannot be empty."));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await requests.during(save, () => requests.run("RenameParty", { name: name.value.trim() }));
    if (!done) return;
    close();
    requests.confirm(done.message);
  });
  return {
    button,
    form,
    open,
    update(state) {
      joined = state.joined;
      present = state.one("party.state")?.name ?? "";
      draw();
    },
  };
}

/** Return who may join, with a button for each direction, so that no arrow key opens a party to everybody. */
function visibility(requests) {
  const caption = el("span", { class: "dim" });
  const button = (open, label) => {
    const made = el("button", { type: "button", class: "small" }, label);
    made.onclick = async () => {
      const done = await requests.during(made, () => requests.run("SetVisibility", { open }));
      if (done) requests.confirm(done.message);
    };
    return made;
  };
  const openParty = button(true, "Let anybody join");
  const closeParty = button(false, "Invited people only");
  const element = el("div", { class: "line", role: "group", "aria-label": "Who may join" }, caption, openParty, closeParty);
  return {
    element,
    update(state) {
      const open = state.one("party.state")?.open ?? null;
      text(caption, open === null ? "Who may join is not known yet." : open ? "Anybody may join." : "Only invited people may join.");
      show(openParty, open !== true);
      show(closeParty, open !== false);
    },
  };
}
