"""Platform codes of miranda frames, as the app has them [app]. Own eyes: shares no code with the client."""

from __future__ import annotations

CODES = {"PS3": 1, "VITA": 2, "PS4": 3, "PS5": 5, "MOBILE_APP": 100001}


def code_of(platform: str) -> int:
    """Return the code of a platform that takes part in parties here; raises `KeyError`."""
    return CODES[platform]
