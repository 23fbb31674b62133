"""One WebRTC connection to one member: Sony's dialect outside, aiortc inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCBundlePolicy

from common.psn.sdp import BadSdp, Kind, from_sony, opus_format, payload_types, to_sony
from common.psn.sdp_text import Section, audio_of, parse
from workers.media.guard import closing
from workers.media.guard.certificate import Certificate
from workers.media.guard.explain import Explanation, explain
from workers.media.guard.sctp import DataGuard
from workers.media.guard.story import Story
from workers.media.receive.packets import Format, Rtp
from workers.media.silence import SilenceTrack
from workers.media.tap import Tap, silence_receiver

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
    """A connection from its making to its end. aiortc knows no ICE restart: that makes another one of us.

    `former`: the connection that the offer to be answered restarts ICE of (`continues`).
    """

    def __init__(self, events: Events, silence: bytes, former: Peer | None = None) -> None:
        self.formats: dict[int, Format] = {}
        self.codec = ""
        self._events = events
        self._tap: Tap | None = None
        self.story = Story()
        # "balanced": with "max-bundle" aiortc loses the candidates of the first section
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
        """Monotonic nanoseconds at which anything last came in; 0: never."""
        return self._tap.heard_ns if self._tap else 0

    @property
    def rtp_ns(self) -> int:
        """Monotonic nanoseconds at which RTP last came in; 0: never."""
        return self._tap.rtp_ns if self._tap else 0

    def continues(self, offer: str) -> bool:
        """Tell whether this offer restarts ICE of this connection: the same certificate, another password."""
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
        """How much was dropped because the other side sends too much."""
        return self.story.gate.too_much

    def stuck_s(self, now: float) -> float:
        """Return for how many seconds the network has been fine and nothing of DTLS come; `now` is monotonic."""
        return self.story.stuck_s(now)

    def explain(self) -> Explanation | None:
        """Return why it did not come up, None where the other side has not even described itself."""
        return explain(self.story.facts()) if self.story.described else None

    async def offer(self, *, ssrc: bool = True, active: bool = False) -> str:
        """Return our offer, with every candidate in it; `ssrc`: also with ssrc lines; `active`: we are DTLS' client."""
        self.story.ours = True
        # negotiated: the section stands in the SDP as in the captures, and nothing is said on the channel
        self._connection.createDataChannel("partyline", negotiated=True, id=0)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._offered = to_sony(self._connection.localDescription.sdp, "offer", ssrc=ssrc)
        if active:
            self._offered = self._offered.replace("a=setup:actpass", "a=setup:active")
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
        """End the connection and free all that it holds; never raises, and takes a few seconds at most."""
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
        # only now is it settled which transport carries the bundle
        receiver = self._transceiver.receiver
        self._there = audio_of(parse(plain))
        former = self._former._transceiver.receiver.transport if self._former else None  # noqa: SLF001
        if former is not None:
            receiver.transport._set_role(former._role)  # noqa: SLF001  # the association keeps its roles
        self.story.watch(receiver.transport, former)
        self._former = None  # lest each restart keep all connections before it
        gate = self.story.gate
        self._tap = Tap(receiver, self.formats, gate, on_rtp=self._rtp, on_fault=self._events.fault)
        if self._connection.sctp is not None:
            DataGuard(self._connection.sctp, gate)

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
