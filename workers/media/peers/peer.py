"""One WebRTC connection to one member. It speaks Sony's SDP dialect and uses aiortc."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCBundlePolicy

from common.psn.sdp import BadSdp, Kind, from_sony, opus_format, payload_types, to_sony
from common.psn.sdp.text import Section, audio_of, parse
from workers.media.guard import closing
from workers.media.guard.certificate import Certificate
from workers.media.guard.connection_log import Story
from workers.media.guard.diagnosis import Explanation, explain
from workers.media.guard.sctp import DataGuard
from workers.media.peers.rtp_hook import Tap, silence_receiver
from workers.media.peers.silent_track import SilenceTrack
from workers.media.receive.buffer.packets import Format, Rtp

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
"""Errors that aiortc raises on descriptions that it cannot use."""


@dataclass
class Events:
    """Callbacks of a peer to its owner, all from the event loop."""

    rtp: Callable[[Peer, Rtp, int], None]
    state: Callable[[Peer], None]
    fault: Callable[[str], None]


class Peer:
    """A connection from its creation to its end. aiortc has no ICE restart, so a restart makes another peer.

    `former`: the connection whose ICE the remote offer restarts (`continues`).
    """

    def __init__(self, events: Events, silence: bytes, former: Peer | None = None) -> None:
        self.formats: dict[int, Format] = {}
        self.codec = ""
        self._events = events
        self._tap: Tap | None = None
        self.story = Story()
        # "balanced", because with "max-bundle" aiortc loses the candidates of the first section
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.BALANCED))
        certificates = vars(self._connection)["_RTCPeerConnection__certificates"]
        self._former = former
        self._certificate: RTCCertificate = former._certificate if former else certificates[0]  # noqa: SLF001
        certificates[:] = [Certificate(self._certificate, self.story.told, self.story.showed)]
        self._connection.on("connectionstatechange", self._changed)
        self._transceiver = self._connection.addTransceiver(SilenceTrack(silence), direction="sendrecv")
        silence_receiver(self._transceiver.receiver)

    @property
    def state(self) -> str:
        """``new``, ``connecting``, ``connected``, ``failed`` or ``closed``."""
        return str(self._connection.connectionState)

    @property
    def heard_ns(self) -> int:
        """Monotonic nanoseconds at which any packet last arrived, 0 if never."""
        return self._tap.heard_ns if self._tap else 0

    @property
    def rtp_ns(self) -> int:
        """Monotonic nanoseconds at which RTP last arrived, 0 if never."""
        return self._tap.rtp_ns if self._tap else 0

    def continues(self, offer: str) -> bool:
        """Return whether this offer restarts this connection's ICE, with the same certificate and another password."""
        try:
            there = audio_of(parse(offer))
        except BadSdp:
            return False
        known = self._there
        if known is None or self.state != "connected" or there.ice == known.ice:
            return False
        return not set(there.fingerprints).isdisjoint(known.fingerprints)

    @property
    def refused(self) -> int:
        """How many packets were dropped because the other side sends too many."""
        return self.story.gate.too_much

    def stuck_s(self, now: float) -> float:
        """Return for how many seconds the network has been up without any DTLS. `now` is monotonic."""
        return self.story.stuck_s(now)

    def explain(self) -> Explanation | None:
        """Return why it did not come up, None if the other side has not sent a description."""
        return explain(self.story.facts()) if self.story.described else None

    async def offer(self, *, ssrc: bool = True, active: bool = False) -> str:
        """Return the local offer with all candidates. `ssrc` adds ssrc lines, and `active` makes us the DTLS client."""
        self.story.ours = True
        # negotiated, so that the section is in the SDP as in the captures and nothing is sent on the channel
        self._connection.createDataChannel("partyline", negotiated=True, id=0)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._offered = to_sony(self._connection.localDescription.sdp, "offer", ssrc=ssrc)
        if active:
            self._offered = self._offered.replace("a=setup:actpass", "a=setup:active")
        return self._offered

    async def accept(self, answer: str) -> None:
        """Apply the answer to the local offer. Raises `BadSdp`."""
        await self._set_remote(answer, "answer", self._offered)
        self._know(self._offered, answer)

    async def answer(self, offer: str, *, clock: int = 0, ssrc: bool = True) -> str:
        """Return the answer to `offer`. Raises `BadSdp`. `clock` and `ssrc` as in `to_sony`."""
        await self._set_remote(offer, "offer")
        try:
            await self._connection.setLocalDescription(await self._connection.createAnswer())
            answer = to_sony(self._connection.localDescription.sdp, "answer", offer=offer, clock=clock, ssrc=ssrc)
        except _REFUSALS as error:
            raise _refusal(error) from error
        self._know(answer, offer)
        return answer

    async def close(self) -> None:
        """Close the connection and free its resources. Never raises, and takes a few seconds at most."""
        self.story.close()
        await closing.close(self._connection)

    _offered = ""
    _there: Section | None = None
    """The other side's audio section."""

    async def _set_remote(self, sdp: str, kind: Kind, offer: str = "") -> None:
        plain = from_sony(sdp, kind, offer=offer)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(plain, kind))
        except _REFUSALS as error:
            raise _refusal(error) from error
        # the bundle's transport is known from here on
        receiver = self._transceiver.receiver
        self._there = audio_of(parse(plain))
        former = self._former._transceiver.receiver.transport if self._former else None  # noqa: SLF001
        if former is not None:
            receiver.transport._set_role(former._role)  # noqa: SLF001  # an association keeps its roles
        self.story.watch(receiver.transport, former)
        self._former = None  # otherwise each restart would keep all earlier connections
        gate = self.story.gate
        self._tap = Tap(receiver, self.formats, gate, on_rtp=self._rtp, on_fault=self._events.fault)
        if self._connection.sctp is not None:
            DataGuard(self._connection.sctp, gate)

    def _know(self, *descriptions: str) -> None:
        """Add the payload types that may arrive, both the local ones, which the other side should use, and its own."""
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
