// Whom we follow into whatever party they are in, and how that stands.
import { el, rich, show, text } from "../shared/dom.js";
import { span } from "../shared/format.js";

export function following(actions) {
  const [title, said] = [el("strong"), el("span", { class: "dim" })];
  const end = el("button", { type: "button" }, "Stop following");
  end.onclick = async () => {
    const done = await actions.during(end, () => actions.do("FollowPlayer", { online_id: "" }));
    if (done) actions.told(done.message);
  };
  const present = el("div", { class: "spread" }, el("div", {}, title, said), end);
  const who = el("input", { type: "text", placeholder: "Friend's online id", "aria-label": "Online id to follow", autocomplete: "off", spellcheck: false, required: true });
  const go = el("button", { type: "submit" }, "Follow");
  const hint = el("p", { class: "dim hint" }, "Follow somebody: partyline is in whatever party they are in, also the next one.");
  const form = el("form", { class: "line" }, who, go);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = who.value.trim();
    const done = name && (await actions.during(go, () => actions.do("FollowPlayer", { online_id: name })));
    if (!done) return;
    who.value = "";
    actions.told(done.message);
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
      rich(said, words(now, state.now));
    },
  };
}

function words(following, now) {
  if (following.state === "with") return "In their party.";
  const detail = following.detail.replace(/\.?$/, ".");
  const found = following.detail ? detail[0].toUpperCase() + detail.slice(1) : "Looking for them …";
  const left = following.next_look_at - now;
  return left > 1 ? `${found} Looking again in ${span(left)}.` : found;
}
