"""Platform codes of miranda frames, as the app has them [app]. Own eyes: shares no code with the client."""

from __future__ import annotations

from simulator.facts import rests_on
from simulator.facts.miranda import PLATFORM_CODES

CODES = {"PS3": 1, "VITA": 2, "PS4": 3, "PS5": 5, "MOBILE_APP": 100001}


@rests_on(PLATFORM_CODES)
def code_of(platform: str) -> int:
    """Return the code of a platform that takes part in parties here; raises `KeyError`."""
    return CODES[platform]
