"""Descriptions of an unreachable console. Its own ICE candidates and the other side's lead nowhere."""

from __future__ import annotations

import re

from simulator.facts import rests_on
from simulator.facts.bridge import FAILED

_ADDRESS = re.compile(r"^(a=candidate:\S+ \d+ \S+ \d+) \S+ \d+ ", re.MULTILINE)
_NOWHERE = "127.0.0.1 9"
"""The discard port of this machine, on which nothing listens."""


@rests_on(FAILED)
def nowhere(sdp: str) -> str:
    """Return the description with every candidate moved to a port on which nothing listens."""
    return _ADDRESS.sub(rf"\1 {_NOWHERE} ", sdp)
