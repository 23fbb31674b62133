"""What our own member entry must say, and what of it must be told anew. No I/O.

customData4 stays what the app sends at join [seen], with index 5 (muted) at ``"0"``: that we only listen might be
put as ``"1"``, but what follows from that at other members is [open], so nothing is claimed that was not seen.
"""

from __future__ import annotations

from common.psn.customdata import (
    MUTED_PLACE,
    VERSION_PLACE,
    BadCustomData,
    CustomData3,
    CustomData4,
    decode4,
    encode3,
    encode4,
)
from common.psn.sessions import PartyMember

OURS = CustomData4()


def custom_data3(session_id: str, account_id: str) -> str:
    return encode3(CustomData3(session_id=session_id, account_id=account_id))


def to_tell(shown: PartyMember, session_id: str, account_id: str) -> dict[str, str]:
    """Return field → value for what the server shows wrongly of us, or not at all."""
    wanted = {
        "customData3": custom_data3(session_id, account_id),
        "customData4": _custom_data4(shown.custom_data4),
    }
    now = {"customData3": shown.custom_data3, "customData4": shown.custom_data4}
    return {field: value for field, value in wanted.items() if value != now[field]}


def _custom_data4(shown: str) -> str:
    """Return `shown` with version and mute state set right and every other field as it came."""
    try:
        fields = list(decode4(shown).fields)
    except BadCustomData:
        return encode4(OURS)
    if len(fields) < len(OURS.fields):
        return encode4(OURS)
    right = list(fields)
    for place in (VERSION_PLACE, MUTED_PLACE):
        right[place] = OURS.fields[place]
    return shown if right == fields else encode4(CustomData4(fields=tuple(right)))
