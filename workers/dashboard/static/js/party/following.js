// The friend whose parties partyline joins, and the state of that.
import { el, rich, show, text } from "../shared/dom.js";
import { span } from "../shared/format.js";

export function following(requests) {
  const [title, caption] = [el("strong"), el("span", { class: "dim" })];
  const end = el("button", { type: "button" }, "Stop following");
  end.onclick = async () => {
    const done = await requests.during(end, () => requests.run("FollowPlayer", { online_id: "" }));
    if (done) requests.confirm(done.message);
  };
  const present = el("div", { class: "spread" }, el("div", {}, title, caption), end);
  const who = el("input", { type: "text", placeholder: "Friend's online id", "aria-label": "Online id to follow", autocomplete: "off", spellcheck: false, required: true });
  const go = el("button", { type: "submit" }, "Follow");
  const hint = el("p", { class: "dim hint" }, "partyline joins every party of the friend that it follows.");
  const form = el("form", { class: "line" }, who, go);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = who.value.trim();
    const done = name && (await requests.during(go, () => requests.run("FollowPlayer", { online_id: name })));
    if (!done) return;
    who.value = "";
    requests.confirm(done.message);
  });
  return {
    element: el("div", { class: "follow", role: "group", "aria-label": "Follow" }, present, form, hint),
    focus: () => who.focus(),
    update(state) {
      const now = state.one("party.following");
      const follows = Boolean(now?.online_id);
      show(present, follows);
      show(form, !follows);
      show(hint, !follows);
      if (!follows) return;
      text(title, `Following ${now.online_id}`);
      rich(caption, describe(now, state.now));
    },
  };
}

function describe(following, now) {
  if (following.state === "with") return "In their party.";
  const detail = following.detail.replace(/\.?$/, ".");
  const found = following.detail ? detail[0].toUpperCase() + detail.slice(1) : "Searching …";
  const left = following.next_look_at - now;
  return left > 1 ? `${found} Next check in ${span(left)}.` : found;
}
