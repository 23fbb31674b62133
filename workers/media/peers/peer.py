"""One WebRTC connection to one member. It speaks Sony's SDP dialect and uses aiortc."""

from __future__ import annotations

from typing import Protocol

from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCBundlePolicy

from common.psn.sdp import BadSdp, Kind, from_sony, opus_format, payload_types, to_sony, with_generation
from common.psn.sdp.text import Section, audio_of, parse
from workers.media.guard import closing
from workers.media.guard.certificate import Certificate
from workers.media.guard.connection_log import ConnectionLog
from workers.media.guard.diagnosis import Diagnosis, diagnose
from workers.media.guard.moves import GuardedConnection
from workers.media.guard.sctp import DataGuard
from workers.media.peers.rtp_hook import RtpHook, disable_jitter_buffer
from workers.media.peers.silent_track import SilentTrack
from workers.media.receive.buffer.rtp import Format, Rtp

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


class PeerEvents(Protocol):
    """Hears what happens on one connection, all from the event loop."""

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None: ...

    def on_state(self, peer: Peer) -> None: ...

    def on_fault(self, what: str) -> None: ...


class Peer:
    """A connection from its creation to its end. aiortc has no ICE restart, so a restart makes another peer.

    `former`: the connection whose ICE the remote offer restarts (`continues`).
    """

    def __init__(self, events: PeerEvents, silence: bytes, former: Peer | None = None) -> None:
        self.formats: dict[int, Format] = {}
        self.codec = ""
        self._events = events
        self._offered = ""
        """The local offer, if there is one."""
        self._there: Section | None = None
        """The other side's audio section."""
        self._hook: RtpHook | None = None
        self.log = ConnectionLog()
        # "balanced", because with "max-bundle" aiortc loses the candidates of the first section
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.BALANCED))
        certificates = vars(self._connection)["_RTCPeerConnection__certificates"]
        self._former = former
        self._generation: int = former._generation + 1 if former else 0  # noqa: SLF001
        self._certificate: RTCCertificate = former._certificate if former else certificates[0]  # noqa: SLF001
        certificates[:] = [Certificate(self._certificate, self.log.on_info, self.log.on_certificate)]
        self._connection.on("connectionstatechange", self._on_state)
        self._transceiver = self._connection.addTransceiver(SilentTrack(silence), direction="sendrecv")
        disable_jitter_buffer(self._transceiver.receiver)

    @property
    def state(self) -> str:
        """``new``, ``connecting``, ``connected``, ``failed`` or ``closed``."""
        return str(self._connection.connectionState)

    @property
    def heard_ns(self) -> int:
        """Monotonic nanoseconds at which any packet last arrived, 0 if never."""
        return self._hook.heard_ns if self._hook else 0

    @property
    def rtp_ns(self) -> int:
        """Monotonic nanoseconds at which RTP last arrived, 0 if never."""
        return self._hook.rtp_ns if self._hook else 0

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

    def stuck_s(self, now: float) -> float:
        """Return for how many seconds the network has been up without any DTLS. `now` is monotonic."""
        return self.log.stuck_s(now)

    def diagnose(self) -> Diagnosis | None:
        """Return why it did not come up, None if the other side has not sent a description."""
        return diagnose(self.log.facts()) if self.log.described else None

    async def has_consent(self) -> bool:
        """Ask the other side whether it is still there (RFC 7675). Takes 1.5 s at most."""
        ice = self._transceiver.receiver.transport.transport
        connection = ice._connection  # noqa: SLF001
        return not isinstance(connection, GuardedConnection) or await connection.has_consent()

    async def offer(self, *, ssrc: bool = True, active: bool = False) -> str:
        """Return the local offer with all candidates. `ssrc` adds ssrc lines, and `active` makes us the DTLS client."""
        self.log.record_offer()
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
        self._add_formats(self._offered, answer)

    async def answer(self, offer: str, *, clock: int = 0, ssrc: bool = True) -> str:
        """Return the answer to `offer`. Raises `BadSdp`. `clock` and `ssrc` as in `to_sony`."""
        await self._set_remote(offer, "offer")
        try:
            await self._connection.setLocalDescription(await self._connection.createAnswer())
            answer = to_sony(self._connection.localDescription.sdp, "answer", offer=offer, clock=clock, ssrc=ssrc)
        except _REFUSALS as error:
            raise _refusal(error) from error
        self._add_formats(answer, offer)
        return with_generation(answer, self._generation)

    async def close(self) -> None:
        """Close the connection and free its resources. Never raises, and takes a few seconds at most."""
        self.log.close()
        await closing.close(self._connection)

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
        self.log.watch(receiver.transport, former)
        self._former = None  # otherwise each restart would keep all earlier connections
        gate = self.log.gate
        self._hook = RtpHook(receiver, self.formats, gate, on_rtp=self._events.on_rtp, on_fault=self._events.on_fault)
        if self._connection.sctp is not None:
            DataGuard(self._connection.sctp, gate)

    def _add_formats(self, *descriptions: str) -> None:
        """Add the payload types that may arrive, both the local ones, which the other side should use, and its own."""
        for sdp in reversed(descriptions):
            for number, (name, _) in payload_types(sdp).items():
                self.formats[number] = _FORMATS.get(name.lower(), "other")
        self.codec = f"opus/{opus_format(descriptions[-1])[1]}"

    def _on_state(self) -> None:
        self._events.on_state(self)


def _refusal(error: Exception) -> BadSdp:
    return BadSdp(f"it cannot be used ({type(error).__name__}: {error})")
