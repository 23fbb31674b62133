// Who joined and who left, for screen readers. It waits for a pause of theirs, and says those of one moment together.
import { text } from "../shared/dom.js";

const TOGETHER_MS = 1000; // a party that is joined brings its members within one push event of each other
const NAMED = 3;

export function announcements(place) {
  let known = null;
  const waiting = { joined: new Set(), left: new Set() };
  let timer = 0;

  function say() {
    timer = 0;
    const said = ["joined", "left"].map((what) => sentence([...waiting[what]], what)).filter(Boolean);
    for (const names of Object.values(waiting)) names.clear();
    text(place, said.join(" "));
  }

  function changed(what, opposite, name) {
    if (!waiting[opposite].delete(name)) waiting[what].add(name);
    timer ||= setTimeout(say, TOGETHER_MS);
  }

  return {
    update(state) {
      const party = state.one("party.state");
      if (!state.joined) {
        known = null;
        clearTimeout(timer);
        timer = 0;
        for (const names of Object.values(waiting)) names.clear();
        text(place, "");
        return;
      }
      const members = party.members.filter(({ is_me: me }) => !me);
      const present = new Map(members.map((member) => [`${member.account_id}.${member.platform}`, member.online_id || member.account_id]));
      if (known) {
        for (const [peer, name] of present) if (!known.has(peer)) changed("joined", "left", name);
        for (const [peer, name] of known) if (!present.has(peer)) changed("left", "joined", name);
      }
      known = present;
    },
  };
}

function sentence(names, what) {
  if (!names.length) return "";
  if (names.length > NAMED) return `${names.length} people ${what}.`;
  const last = names.pop();
  return `${names.length ? `${names.join(", ")} and ` : ""}${last} ${what}.`;
}
