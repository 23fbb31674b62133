"""The states that session publishes. No I/O."""

from __future__ import annotations

from common.basic.clock import Moment
from common.messages import Following, PartyState
from workers.session.end_reasons import End
from workers.session.memory import PartyMemory
from workers.session.party.current import CurrentParty


def party_state(memory: PartyMemory, party: CurrentParty, unconfirmed: int, now: Moment) -> PartyState:
    """Return the state while there is a party. `unconfirmed` counts leaves of other parties."""
    return PartyState(
        phase=memory.phase,
        session_id=memory.session_id,
        name=party.table.name,
        context_id=memory.context_id,
        cpss_id=memory.cpss_id,
        me=party.table.own.key,
        joined_at=memory.joined_at,
        joined_s=memory.joined.in_this_run(now) if memory.joined is not None else 0.0,
        members=party.table.members,
        open=party.table.open,
        members_known=memory.known,
        resumed=party.resumed,
        unconfirmed=unconfirmed,
    )


def no_party(reason: str, end: End, unconfirmed: int) -> PartyState:
    """Return the state without a party. `reason` and `end` say how the last one ended."""
    return PartyState(phase="none", reason=reason, end=end, unconfirmed=unconfirmed)


def health_detail(state: PartyState) -> str:
    """Return the party's state in a few words, for `WorkerHealth`."""
    others = sum(not member.is_me for member in state.members)
    words = {"none": "in no party", "joining": "joining", "leaving": "leaving"}
    return words.get(state.phase, "in the party with 1 other" if others == 1 else f"in the party with {others} others")


def observed_facts(view_shape: dict[str, str], accepted_headers: str) -> dict[str, tuple[str, str]]:
    """Return the name of each observed protocol fact with its value and where it was observed."""
    facts = {name: (value, "the view of our party") for name, value in view_shape.items()}
    if accepted_headers:
        facts["headers.native"] = (accepted_headers, "calls that were accepted")
    return facts


def following(
    account_id: str, online_id: str, *, is_with: bool, detail: str = "", next_look_at: float = 0.0
) -> Following:
    """Return the state of following a player. An empty account id is nobody, `is_with` means that we are with them."""
    if not account_id:
        return Following()
    if is_with:
        return Following(online_id=online_id, account_id=account_id, state="with")
    return Following(
        online_id=online_id, account_id=account_id, state="looking", detail=detail, next_look_at=next_look_at
    )
