"""Offers and answers, and how each connection to a member stands."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message
from common.messages.party import Member, peer_key

Kind = Literal["offer", "answer"]
Way = Literal["own", "bridge", "none"]
Trouble = Literal["", "no-answer", "refused", "no-connection", "silent"]


class PeerSignal(Message, frozen=True, kw_only=True):
    """signaling → media, cli (direction ``in``) and media → signaling, cli (``out``): one offer or answer.

    `sdp` is in Sony's dialect both ways; media translates. Whatever the transport, this is all media
    ever sees of it.
    """

    TOPIC: ClassVar[str] = "peer.signal"
    direction: Literal["in", "out"]
    account_id: str
    platform: str
    kind: Kind
    sdp: str
    transport: str = "miranda"
    sequence: int = 1
    """`sdp_sequence_number`: an answer repeats its offer's."""
    form: dict[str, str] = msgspec.field(default_factory=dict)
    """Names of `common.psn.unknowns` → values: in which form an outgoing one is to be written, and what is certain of
    the form of one that came in. Media's own part of it is in `sdp` already."""
    attempt: int = 1
    """Of an offer of ours: how many in a row, this one included, have led to no connection. Another transport
    may reach whom this one does not."""

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
    """True: repeating the same signal is pointless (4xx)."""

    @classmethod
    def of(cls, signal: PeerSignal, message: str, *, final: bool) -> SignalRefused:
        """Return the refusal of `signal`."""
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
    """media → signaling, dashboard, cli, once a second and at each change of a connection; cleared when it is gone."""

    TOPIC: ClassVar[str] = "peer.state"
    RETAINED: ClassVar[bool] = True
    account_id: str
    platform: str
    online_id: str = ""
    connection: Literal["waiting", "connecting", "connected", "lost", "failed"]
    detail: str = ""
    attempts: int = 0
    """How many tries in a row have led to no connection that lasted; 0 again when one has stood for 10 s."""
    trouble: Trouble = ""
    """Why the latest of them did not. ``silent``: a connection stands, and in 15 s no RTP has come on it."""
    codec: str = ""
    """E.g. ``opus/16000``."""
    heard_s: float = 0.0
    """Seconds of speech played since the connection began."""
    packets: int = 0
    lost: int = 0
    """Packets that never came."""
    late: int = 0
    """Packets that came after their time to be played."""
    duplicates: int = 0
    malformed: int = 0
    loss_fraction: float = 0.0
    """Share of packets lost, 0..1, since the connection began."""
    jitter_ms: float = 0.0
    """Interarrival jitter as RFC 3550 defines it."""
    delay_ms: float = 0.0
    """What the receive path holds a packet, arrival → frame on the audio plane, mean of the last seconds."""
    target_delay_ms: float = 0.0
    frames: int = 0
    """10 ms frames played while the talker was sending."""
    concealed_frames: int = 0
    """Of them, those made up by concealment."""
    fec_frames: int = 0
    """Of them, those recovered from in-band FEC or a redundant copy."""
    way: Way = "none"
    """How this voice is heard: by its own connection, within the bridge's mix (`BRIDGE_PEER`), or not at all. Never
    both: the bridge itself is ``none`` while every member is heard by its own connection."""
    fec_packets: int = 0
    """Lost packets brought back from in-band FEC."""
    red_packets: int = 0
    """Lost packets brought back from a redundant copy (RFC 2198)."""
    concealed_samples: int = 0
    """At 48 kHz, as all samples here. The names from here on are those of WebRTC's statistics."""
    concealment_events: int = 0
    """Times that sound had to be made up, however long."""
    removed_samples_for_acceleration: int = 0
    inserted_samples_for_deceleration: int = 0
    interruption_count: int = 0
    """Stretches of 150 ms or more without real sound while the talker was sending."""
    interruption_ms: int = 0
    """All of them together."""
    jitter_buffer_delay_s: float = 0.0
    """How long packets were held, summed over `jitter_buffer_emitted_count` packets …"""
    jitter_buffer_target_delay_s: float = 0.0
    """… and the target at each of them: from when it would have come on an idle network."""
    jitter_buffer_emitted_count: int = 0

    def member(self) -> Member:
        """Return what this tells of the member, for one who is not in the party's table."""
        return Member(account_id=self.account_id, platform=self.platform, online_id=self.online_id)

    def key(self) -> str:
        return peer_key(self.account_id, self.platform)


class Speaking(Message, frozen=True, kw_only=True):
    """media → dashboard, cli, when a talker begins or ends to speak."""

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
