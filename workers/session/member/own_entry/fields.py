"""The content of the local member entry. No I/O.

customData4 stays what the app sends at join [seen], with index 5 (muted) at ``"0"``. That we only listen could be sent
as ``"1"``, but its effect on other members is [open], so only what was seen is sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.messages import Member
from common.psn.party.customdata import (
    MUTED_PLACE,
    NUMBER_PLACE,
    VERSION_PLACE,
    BadCustomData,
    CustomData3,
    CustomData4,
    decode4,
    encode3,
    encode4,
)


def custom_data3(session_id: str, others: Sequence[str]) -> str:
    return encode3(CustomData3(session_id=session_id, others=tuple(others)))


def others(members: Sequence[Member]) -> tuple[str, ...]:
    """Return the other members' account ids in the order of `members`. Ours is included for our other devices only."""
    return tuple(dict.fromkeys(member.account_id for member in members if not member.is_me))


def custom_data4(shown: str, ours: CustomData4, *, place_1: bool = False) -> str:
    """Return `shown` with version and mute state of `ours`, and all other fields unchanged.

    `place_1` replaces that place too. A number in `ours` replaces it in any case.
    """
    try:
        fields = list(decode4(shown).fields)
    except BadCustomData:
        return encode4(ours)
    if len(fields) < len(ours.fields):
        return encode4(ours)
    right = list(fields)
    number = (NUMBER_PLACE,) if place_1 or ours.place_1 == "number" else ()
    for place in (*number, VERSION_PLACE, MUTED_PLACE):
        right[place] = ours.fields[place]
    return shown if right == fields else encode4(CustomData4(fields=tuple(right)))
