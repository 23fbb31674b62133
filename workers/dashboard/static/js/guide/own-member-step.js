// Step 4: which member the person is, on their console. Their voice would be heard a second time otherwise.
import { avatarView } from "../shared/avatar.js";
import { attribute, el, keyed, show, text } from "../shared/dom.js";
import { standing } from "./parts.js";
import { ownAccount } from "./progress.js";

export function ownMemberStep({ requests, marks, redraw }) {
  const line = standing();
  const list = el("ul", { class: "members" });
  const kept = new Map();
  const muted = el("input", { type: "checkbox" });
  const choice = el("label", { class: "check" }, muted, "Muted in the mix");
  const nobody = el("button", { type: "button" }, "None of them is me");
  const hint = el("p", {}, "Say something on your console: who speaks lights up.");
  const choose = async (account_id) => {
    const done = await requests.run("SetOwnMember", { account_id });
    if (done) marks.set("listener", false);
    redraw();
  };
  let peer = "";
  muted.onchange = () => requests.run("SetMute", { peer, muted: muted.checked });
  nobody.onclick = async () => {
    if (await requests.during(nobody, () => requests.run("SetOwnMember", { account_id: "" }))) marks.set("listener", true);
    redraw();
  };
  const element = el(
    "div",
    { class: "content" },
    line.element,
    el("p", {}, "Your microphone is in your stream already. Without this step your voice would be heard a second time, a moment later. partyline leaves it out of the mix and out of the overlay. A recording still has it, as a file of its own."),
    hint,
    list,
    choice,
    el("div", { class: "line" }, nobody),
  );
  return {
    element,
    update(state) {
      const own = ownAccount(state);
      const members = people(state);
      const me = members.find(({ member }) => member.account_id === own);
      keyed(list, kept, members, ({ peer: key }) => key, ({ member }) => row(() => choose(member.account_id === ownAccount(state) ? "" : member.account_id), requests));
      for (const found of members) kept.get(found.peer).mark(found.member.account_id === own);
      show(hint, members.length > 0);
      show(choice, Boolean(me?.mix));
      show(nobody, members.length > 0 && !marks.has("listener"));
      peer = me?.peer ?? "";
      muted.checked = me?.mix?.muted ?? false;
      line.set(...describe(own, me, members, marks));
    },
  };
}

/** Return the others in the party's table. */
const people = (state) => state.talkers().filter(({ member }) => member);

function describe(own, me, members, marks) {
  if (me) return ["good", `${me.name} is you.${me.mix && !me.mix.muted ? " Your voice is in the mix, since you wished so." : ""}`];
  if (own) return ["good", "Your account is known. It is not in this party now."];
  if (marks.has("listener")) return ["good", "None of the members is you. Everybody is heard."];
  return members.length ? ["none", "Choose your own account, so that nobody hears you twice."] : ["none", "Nobody else is here. Join a party first."];
}

function row(onClick, requests) {
  const avatar = avatarView("avatar");
  const name = el("strong");
  const speaks = el("span", { class: "speaks" });
  const platform = el("span");
  const button = el("button", { type: "button" });
  button.onclick = () => requests.during(button, onClick);
  const element = el("li", {}, avatar.element, el("div", {}, name, el("span", { class: "dim" }, platform, speaks)), button);
  return {
    element,
    mark(own) {
      attribute(element, "data-own", own);
      attribute(button, "aria-pressed", own ? "true" : "false");
      text(button, own ? "This is me ✓" : "This is me");
      attribute(button, "aria-label", `${name.textContent}: this is me`);
    },
    update(talker) {
      avatar.update(talker.name, talker.avatar);
      text(name, talker.name);
      text(platform, talker.device);
      attribute(element, "data-speaking", talker.speaking);
      text(speaks, talker.speaking ? " · speaking" : "");
    },
  };
}
