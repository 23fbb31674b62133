"""One listener: its peer connection, from the answer until it leaves, vanishes or never comes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable

import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from common.basic.tasks import Tasks
from workers.webrtc.connect import listening_offers
from workers.webrtc.connect.encoded_track import EncodedTrack
from workers.webrtc.connect.lan_ice import ADDRESS
from workers.webrtc.connect.listening_offers import BadOfferError, ListeningOffer

CONNECTS_S = 10.0
"""Time for the listener to connect after the answer. A browser in the same network needs 0.1 s."""
CLOSES_S = 3.0
"""Limit for aiortc to close a connection, whatever state it is in."""


class RtcListener:
    def __init__(
        self, talker: str, offer: ListeningOffer, *, by_link: bool, on_end: Callable[[RtcListener], None]
    ) -> None:
        """`by_link`: it came without a key. `on_end` is called once, when it is gone."""
        self.talker = talker
        self.by_link = by_link
        self.listening_id = secrets.token_urlsafe(12)
        self.track = EncodedTrack()
        self.is_connected = False
        self._offer = offer
        self._on_end = on_end
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._tasks = Tasks()
        self._deadline: asyncio.TimerHandle | None = None
        self._ended = False
        self._log = structlog.get_logger("webrtc").bind(talker=talker or "the mix")

    async def answer(self, address: str) -> str:
        """Return the answer to its offer. Raises `BadOfferError` for one that aiortc cannot use."""
        token = ADDRESS.set(address)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(self._offer.sdp, "offer"))
            self._connection.addTrack(self.track)
            self._connection.on("connectionstatechange", self._on_state)
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:  # aiortc raises what its parser meets
            self._log.warning("an offer cannot be used", error=f"{type(error).__name__}: {error}")
            raise BadOfferError("The offer cannot be used.", "Offer to receive one audio track, with Opus.") from error
        finally:
            ADDRESS.reset(token)
        self._deadline = asyncio.get_running_loop().call_later(CONNECTS_S, self._give_up)
        return listening_offers.answer(self._connection.localDescription.sdp, self._offer, stereo=not self.talker)

    async def close(self) -> None:
        """End it. It is told by DTLS."""
        if self._ended:
            return
        self._ended = True
        if self._deadline is not None:
            self._deadline.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSES_S):
                await self._connection.close()
        self._on_end(self)

    async def _on_state(self) -> None:
        state = self._connection.connectionState
        self._log.info("listener", state=state, listening_id=self.listening_id[:4])
        if state == "connected":
            self.is_connected = True
        elif state in ("failed", "closed"):
            await self.close()

    def _give_up(self) -> None:
        if not self.is_connected:
            self._log.info("a listener did not connect", listening_id=self.listening_id[:4])
            self._tasks.spawn(self.close())
