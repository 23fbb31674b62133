"""Platform codes of miranda frames in the app [app]. Shares no code with the client, to check it independently."""

from __future__ import annotations

from simulator.facts import rests_on
from simulator.facts.miranda import PLATFORM_CODES

CODES = {"PS3": 1, "VITA": 2, "PS4": 3, "PS5": 5, "MOBILE_APP": 100001}


@rests_on(PLATFORM_CODES)
def code_of(platform: str) -> int:
    """Return the code of a platform that takes part in parties here. Raises `KeyError`."""
    return CODES[platform]
