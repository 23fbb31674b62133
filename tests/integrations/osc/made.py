"""Made-up talkers and desks."""

from __future__ import annotations

from typing import Any

from integrations.client.talkers import PartyTalker
from integrations.osc.desk import Desk


def talker(place: int, **more: Any) -> PartyTalker:
    account = str(1000 + place)
    fields: dict[str, Any] = {
        "peer": f"{account}.PS5", "account_id": account, "name": f"Name-{place}", "place": place, "connected": True,
        "speaking": False, "gain_db": 0.0, "muted": False, "solo": False, "is_own": False,
    }  # fmt: skip
    return PartyTalker(**{**fields, **more})


def desk(*talkers: PartyTalker, **more: Any) -> Desk:
    return Desk(**{"connected": True, "joined": True, "party_name": "Raid", "talkers": talkers, **more})
