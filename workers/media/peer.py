"""One WebRTC connection to one member: Sony's dialect outside, aiortc inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCBundlePolicy

from common.psn.sdp import BadSdp, Kind, from_sony, opus_format, payload_types, to_sony
from workers.media.receive.packets import Format, Rtp
from workers.media.silence import SilenceTrack
from workers.media.tap import Tap, silence_receiver

CLOSE_S = 3.0
_FORMATS: dict[str, Format] = {"opus": "opus", "red": "red", "cn": "cn"}
_REFUSALS = (
    AssertionError,
    AttributeError,
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    KeyError,
    OperationError,
    OSError,
    TypeError,
    ValueError,
)
"""What aiortc raises on descriptions that it cannot use."""


@dataclass
class Events:
    """What a peer tells its owner, all from the event loop."""

    rtp: Callable[[Peer, Rtp, int], None]
    state: Callable[[Peer], None]
    fault: Callable[[str], None]


class Peer:
    """A connection from its making to its end; it is never renegotiated (aiortc knows no ICE restart)."""

    def __init__(self, events: Events, silence: bytes) -> None:
        self.formats: dict[int, Format] = {}
        self.codec = ""
        self._events = events
        self._tap: Tap | None = None
        self._log = structlog.get_logger("media")
        # "balanced": with "max-bundle" aiortc loses the candidates of the first section
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.BALANCED))
        self._connection.on("connectionstatechange", self._changed)
        self._transceiver = self._connection.addTransceiver(SilenceTrack(silence), direction="sendrecv")
        silence_receiver(self._transceiver.receiver)

    @property
    def state(self) -> str:
        """``new``, ``connecting``, ``connected``, ``failed`` or ``closed``."""
        return str(self._connection.connectionState)

    @property
    def heard_ns(self) -> int:
        """Monotonic nanoseconds at which anything last came in; 0: never."""
        return self._tap.heard_ns if self._tap else 0

    @property
    def rtp_ns(self) -> int:
        """Monotonic nanoseconds at which RTP last came in; 0: never."""
        return self._tap.rtp_ns if self._tap else 0

    async def offer(self, *, ssrc: bool = True) -> str:
        """Return our offer, with every candidate in it; `ssrc`: also with ssrc lines."""
        # negotiated: the section stands in the SDP as in the captures, and nothing is said on the channel
        self._connection.createDataChannel("partyline", negotiated=True, id=0)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._offered = to_sony(self._connection.localDescription.sdp, "offer", ssrc=ssrc)
        return self._offered

    async def accept(self, answer: str) -> None:
        """Take the answer to our offer; raises `BadSdp`."""
        await self._set_remote(answer, "answer", self._offered)
        self._know(self._offered, answer)

    async def answer(self, offer: str, *, clock: int = 0, ssrc: bool = True) -> str:
        """Return our answer to `offer`; raises `BadSdp`. `clock` and `ssrc` as in `to_sony`."""
        await self._set_remote(offer, "offer")
        try:
            await self._connection.setLocalDescription(await self._connection.createAnswer())
            answer = to_sony(self._connection.localDescription.sdp, "answer", offer=offer, clock=clock, ssrc=ssrc)
        except _REFUSALS as error:
            raise _refusal(error) from error
        self._know(answer, offer)
        return answer

    async def close(self) -> None:
        """End the connection; never raises, and takes `CLOSE_S` seconds at most."""
        self._connection.remove_all_listeners()
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._connection.close()
        except Exception as error:  # noqa: BLE001  # it is gone for us in any case
            self._log.warning("closing a connection failed", error=f"{type(error).__name__}: {error}")

    _offered = ""

    async def _set_remote(self, sdp: str, kind: Kind, offer: str = "") -> None:
        plain = from_sony(sdp, kind, offer=offer)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(plain, kind))
        except _REFUSALS as error:
            raise _refusal(error) from error
        # only now is it settled which transport carries the bundle
        self._tap = Tap(self._transceiver.receiver.transport, self._rtp, self._events.fault)

    def _know(self, *descriptions: str) -> None:
        """Learn the payload types that may come: ours, which the other side should use, and theirs."""
        for sdp in reversed(descriptions):
            for number, (name, _) in payload_types(sdp).items():
                self.formats[number] = _FORMATS.get(name.lower(), "other")
        self.codec = f"opus/{opus_format(descriptions[-1])[1]}"

    def _rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self._events.rtp(self, packet, arrived_ns)

    def _changed(self) -> None:
        self._events.state(self)


def _refusal(error: Exception) -> BadSdp:
    return BadSdp(f"it cannot be used ({type(error).__name__}: {error})")
