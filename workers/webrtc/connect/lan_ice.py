"""ICE towards listeners: our own addresses only, no server elsewhere, and an early end for who has vanished.

aiortc creates its ICE connections itself, so `install` patches the whole process, which does nothing else.
"""

from __future__ import annotations

from contextvars import ContextVar

import aioice
import aioice.ice
import aiortc.codecs
import aiortc.rtcicetransport
from aioice import Candidate
from aiortc.rtcrtpparameters import RTCRtcpFeedback

CONSENT_S = 1.0
"""How often a listener is asked whether it still wants to hear (RFC 7675). aioice's 5 s are for the Internet."""
CONSENT_FAILURES = 5
"""It has vanished after so many questions without an answer, each of which waits for 0.5 s: 7.5 s. An outage of a few
seconds is survived."""

ADDRESS: ContextVar[str] = ContextVar("address", default="")
"""The address that the offer came to. Connections that are made meanwhile have it as their only candidate."""
_LOOPBACK = "127.0.0.1"


class LanConnection(aioice.Connection):
    """Offers the address at which the listener has reached us already, or all of this machine's."""

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109  # aioice's signature
    ) -> list[Candidate]:
        wanted = ADDRESS.get()
        offered = [wanted] if wanted in addresses else [*addresses, _LOOPBACK]
        return await super().get_component_candidates(component, offered, timeout)


def install() -> None:
    """Make every peer connection of this process a listener's."""
    aiortc.rtcicetransport.Connection = LanConnection  # type: ignore[attr-defined]
    aioice.ice.CONSENT_INTERVAL = CONSENT_S  # type: ignore[assignment]
    aioice.ice.CONSENT_FAILURES = CONSENT_FAILURES
    feedback = RTCRtcpFeedback(type="nack")
    for codec in aiortc.codecs.CODECS["audio"]:
        if codec.mimeType == "audio/opus" and feedback not in codec.rtcpFeedback:
            codec.rtcpFeedback.append(feedback)  # aiortc sends again what a listener asks for, but does not offer it
