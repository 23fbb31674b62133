"""Messages about offers, answers, and the state of each connection to a member."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.basic.values import Latency
from common.messages.base import Message
from common.messages.party import Member, peer_key

Kind = Literal["offer", "answer"]
Way = Literal["own", "bridge", "none"]
Trouble = Literal["", "no-answer", "refused", "no-connection", "silent"]


class PeerSignal(Message, frozen=True, kw_only=True):
    """signaling → media, cli (direction ``in``) and media → signaling, cli (``out``): one offer or answer.

    `sdp` is in Sony's dialect in both directions, and media translates. Media sees nothing else of the transport.
    """

    TOPIC: ClassVar[str] = "peer.signal"
    direction: Literal["in", "out"]
    account_id: str
    platform: str
    kind: Kind
    sdp: str
    transport: str = "miranda"
    sequence: int = 1
    """`sdp_sequence_number`. An answer repeats its offer's."""
    form: dict[str, str] = msgspec.field(default_factory=dict)
    """Names of `common.psn.unknowns` → values: the form to write an outgoing signal in, or what an incoming one proves
    of its form. `sdp` already has media's part."""
    attempt: int = 1
    """Number of this local offer in a row without a connection. Another transport may reach the member."""

    @property
    def peer(self) -> str:
        return peer_key(self.account_id, self.platform)

    def key(self) -> str:
        return f"{self.direction}/{self.peer}"


class SignalRefused(Message, frozen=True, kw_only=True):
    """signaling → media, session, cli, when the server refused an outgoing `PeerSignal`."""

    TOPIC: ClassVar[str] = "peer.refused"
    account_id: str
    platform: str
    kind: Kind
    sequence: int
    message: str
    final: bool
    """True if repeating the same signal is pointless (4xx)."""

    @classmethod
    def of(cls, signal: PeerSignal, message: str, *, final: bool) -> SignalRefused:
        """Return the refusal for `signal`."""
        return cls(
            account_id=signal.account_id,
            platform=signal.platform,
            kind=signal.kind,
            sequence=signal.sequence,
            message=message,
            final=final,
        )

    def key(self) -> str:
        return peer_key(self.account_id, self.platform)


class PeerState(Message, frozen=True, kw_only=True):
    """media → signaling, obs, dashboard, webrtc, cli, once a second and when a connection changes; cleared with it."""

    TOPIC: ClassVar[str] = "peer.state"
    RETAINED: ClassVar[bool] = True
    account_id: str
    platform: str
    online_id: str = ""
    connection: Literal["waiting", "connecting", "connected", "lost", "failed"]
    detail: str = ""
    attempts: int = 0
    """Consecutive attempts without a lasting connection. A connection of 10 s resets it to 0."""
    trouble: Trouble = ""
    """Why the latest attempt failed. ``silent``: connected, but without RTP for 15 s."""
    codec: str = ""
    """E.g. ``opus/16000``."""
    heard_s: float = 0.0
    """Seconds of speech played since the connection began."""
    packets: int = 0
    """RTP packets that arrived, without duplicates."""
    lost: int = 0
    """Packets that never arrived."""
    late: int = 0
    """Packets that arrived after their playout time."""
    duplicates: int = 0
    """RTP packets that had arrived before."""
    malformed: int = 0
    """RTP packets that could not be read or decoded."""
    loss_fraction: float = 0.0
    """Share of packets lost, 0..1, since the connection began."""
    jitter_ms: float = 0.0
    """Interarrival jitter as RFC 3550 defines it."""
    delay_ms: float = 0.0
    """Playout delay, packet arrival → frame on the audio plane, mean of the last seconds."""
    target_delay_ms: float = 0.0
    """The playout delay that the receive path aims at."""
    frames: int = 0
    """10 ms frames played while the talker was sending."""
    concealed_frames: int = 0
    """Of `frames`, those made by concealment."""
    fec_frames: int = 0
    """Of `frames`, those recovered from in-band FEC or a redundant copy."""
    way: Way = "none"
    """Route of this voice: its own connection, the bridge's mix (`BRIDGE_PEER`), or none. It is never both. The bridge
    itself is ``none`` while every member is heard by its own connection."""
    fec_packets: int = 0
    """Lost packets recovered from in-band FEC."""
    red_packets: int = 0
    """Lost packets recovered from a redundant copy (RFC 2198)."""
    concealed_samples: int = 0
    """Samples made by concealment, at 48 kHz. From here on the names are those of WebRTC's statistics."""
    concealment_events: int = 0
    """Number of concealments of any length."""
    removed_samples_for_acceleration: int = 0
    """Samples taken out to shorten the delay."""
    inserted_samples_for_deceleration: int = 0
    """Samples put in to lengthen the delay."""
    interruption_count: int = 0
    """Stretches of 150 ms or more without real sound while the talker was sending."""
    interruption_ms: int = 0
    """Total length of the interruptions."""
    jitter_buffer_delay_s: float = 0.0
    """Delay of the packets, summed over `jitter_buffer_emitted_count` packets."""
    jitter_buffer_target_delay_s: float = 0.0
    """Target delay, summed likewise. It counts from a packet's arrival on an idle network."""
    jitter_buffer_emitted_count: int = 0
    """Packets that left the jitter buffer."""

    def member(self) -> Member:
        """Return the member as far as known here, for one that is not in the party's table."""
        return Member(account_id=self.account_id, platform=self.platform, online_id=self.online_id)

    def key(self) -> str:
        return peer_key(self.account_id, self.platform)


class Speaking(Message, frozen=True, kw_only=True):
    """media → obs, dashboard, cli, when a talker begins or ends to speak."""

    TOPIC: ClassVar[str] = "peer.speaking"
    RETAINED: ClassVar[bool] = True
    account_id: str
    platform: str
    online_id: str = ""
    speaking: bool
    at: float
    """Unix seconds."""

    def key(self) -> str:
        return peer_key(self.account_id, self.platform)


class PlayoutDelay(Message, frozen=True, kw_only=True):
    """media → obs, dashboard, cli, media, at its start and when the delay of the whole party changes."""

    TOPIC: ClassVar[str] = "media.delay"
    RETAINED: ClassVar[bool] = True
    latency: Latency
    """`[media] latency`: what the playout delay is for."""
    common_ms: int = 0
    """``steady``: the playout delay that all talkers have. It changes only in pauses of the whole party. 0 otherwise,
    when each has a delay of their own."""
    changes: int = 0
    """How often `common_ms` has changed."""
    alone: dict[str, int] = msgspec.field(default_factory=dict)
    """Peer key → delay in ms of a talker who needs more than `common_ms`, and has it until the next such pause."""
    exceeded: int = 0
    """How often a talker began to be in `alone`."""
