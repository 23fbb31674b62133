"""Tables, entries and events of a made-up party."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.messages import PushEvent
from common.psn.party.push import PREFIX
from common.psn.party.sessions import Party, read_party
from workers.session.party.own_device import OwnDevice
from workers.session.party.table import PartyTable

Wire = Callable[[str], bytes]
PARTY = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"
ME = "1234567890123456789"
BO = "2345678901234567890"
CY = "3456789012345678901"


def event(name: str, data: dict[str, Any] | None = None, *, session: str = PARTY) -> PushEvent:
    return PushEvent(epoch="e", number=1, data_type=f"{PREFIX}{name}", session_id=session, data=data or {})


def entry(account: str, platform: str = "PS5", **more: Any) -> dict[str, Any]:
    return {"accountId": account, "platform": platform, **more}


def snapshot(*members: dict[str, Any], owner: Any = None, name: str = "Night") -> Party:
    party = read_party({"sessionId": PARTY, "sessionName": name, "owner": owner, "members": list(members)})
    assert party is not None
    return party


def a_table() -> PartyTable:
    """Return the table of a party of us and its host Cy."""
    made = PartyTable(PARTY, OwnDevice(ME, "MOBILE_APP"))
    made.snapshot(snapshot(entry(ME, "MOBILE_APP", onlineId="Ada"), entry(CY, onlineId="Cy"), owner={"accountId": CY}))
    return made
