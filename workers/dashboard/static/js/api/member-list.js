// The members of this party, offered where a request wants a peer key.
import { el } from "../shared/dom.js";

export const MEMBERS = "api-members";

export function memberList(place, caller) {
  const list = el("datalist", { id: MEMBERS });
  place.append(list);
  caller.changed.push(async () => {
    const answer = caller.hello ? await caller.ask({ method: "GET", path: "/api/v1/state" }, { topics: "party.state" }).catch(() => null) : null;
    const members = answer?.topics["party.state/"]?.members ?? [];
    list.replaceChildren(...members.map((one) => el("option", { value: `${one.account_id}.${one.platform}`, label: one.online_id })));
  });
}
