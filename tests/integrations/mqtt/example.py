"""Topics of the API as they are in a party, for the tests of the bridge."""

from __future__ import annotations

from typing import Any

BO, CY = "1001", "1002"


def member(account: str, name: str, platform: str = "PS5", **more: Any) -> dict[str, Any]:
    return {"account_id": account, "platform": platform, "online_id": name, **more}


def in_party(*members: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the topics of a party of these and ourselves, by default Bo and Cy."""
    others = members or (member(BO, "Bo-Streams"), member(CY, "Cleo_99", "PS4"))
    me = member("1000", "Ava-Desk", "MOBILE_APP", is_me=True)
    return {
        "party.state/": {"phase": "joined", "session_id": "s", "name": "Friday raid", "members": [me, *others]},
        "audio.mixer/": {"gain_db": -3.0, "delay_ms": 120.0, "talkers": []},
        "recording/": {"state": "idle"},
        **more,
    }


def speaks(account: str, name: str, platform: str = "PS5", *, speaking: bool = True) -> dict[str, Any]:
    said = {"account_id": account, "platform": platform, "online_id": name, "speaking": speaking}
    return {f"peer.speaking/{account}.{platform}": said}
