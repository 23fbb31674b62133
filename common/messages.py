"""Every message on the bus. This file *is* the bus's documentation.

A `Message` is published: any number of workers, or nobody, may listen. Its topic is ``TOPIC/key``. A
*retained* message is state: the broker keeps the last one of each topic and gives it to every new
subscriber; `common.bus.Bus.clear` removes it. Questions to one worker are in `common.requests`.

The first docstring line of each says who sends it to whom, and when. Units stand in the field's name
or behind it. No secret (token, NPSSO, code) is ever part of a `Message`.

A **peer key** names a party member everywhere: ``<account id>.<platform>``, e.g.
``3456789012345678901.PS5``. Wall-clock times are Unix seconds (float); ``*_ns`` are
`time.monotonic_ns`, which all processes of one machine share.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

FRAME_MS = 10
"""Length of one audio frame on the audio plane, in milliseconds."""
SAMPLE_RATE = 48_000
"""Sampling rate of all PCM inside the pipeline, in hertz."""
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
"""Samples in one audio frame."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A published message. `TOPIC`, `RETAINED` and `key` say where it goes and whether it stays."""

    TOPIC: ClassVar[str]
    RETAINED: ClassVar[bool] = False

    def key(self) -> str:
        """Return what tells this message from others of its class; empty where there is only one."""
        return ""

    def topic(self) -> str:
        return f"{self.TOPIC}/{self.key()}"


# --- the workers themselves -------------------------------------------------------------------------

Health = Literal["starting", "running", "degraded", "stopping"]


class WorkerHealth(Message, frozen=True, kw_only=True):
    """Every worker → everybody, each second and at each change of state."""

    TOPIC: ClassVar[str] = "worker.health"
    RETAINED: ClassVar[bool] = True
    worker: str
    pid: int
    boot: str
    """Random id of this run of the worker: another boot means that it was restarted."""
    state: Health
    detail: str = ""
    """What it is doing or lacking, in plain words."""
    started_at: float
    """Unix seconds."""
    beat_at: float
    """Unix seconds of this heartbeat: older than 5 s means hung or dead."""
    rss_bytes: int = 0
    cpu_seconds: float = 0.0
    """CPU time (user + system) used since the start of the process."""
    facts: dict[str, str] = {}
    """Versions and choices worth knowing, e.g. ``{"libopus": "1.6.1 (PyAV)"}``."""

    def key(self) -> str:
        return self.worker


class Problem(Message, frozen=True, kw_only=True):
    """Any worker → the user, when something went wrong; cleared by its worker when it is over."""

    TOPIC: ClassVar[str] = "problem"
    RETAINED: ClassVar[bool] = True
    worker: str
    code: str
    """Short stable name, e.g. ``audio.no-device``; one open problem for each worker and code."""
    message: str
    """What happened, one sentence."""
    remedy: str
    """What the user can do about it, one sentence."""
    severity: Literal["note", "warning", "error"] = "error"
    count: int = 1
    """How often it has happened since the worker started."""
    reference_id: str = ""
    """Sony's reference id, where an answer carried one."""
    at: float
    """Unix seconds of the latest occurrence."""

    def key(self) -> str:
        return f"{self.worker}.{self.code}"


# --- sign-in ----------------------------------------------------------------------------------------


class AuthState(Message, frozen=True, kw_only=True):
    """auth → everybody, at each change. Never carries a token."""

    TOPIC: ClassVar[str] = "auth.state"
    RETAINED: ClassVar[bool] = True
    state: Literal["signed_out", "signed_in", "refreshing", "expired"]
    realm: Literal["simulator", "playstation"]
    account_id: str = ""
    online_id: str = ""
    access_expires_at: float = 0.0
    """Unix seconds."""
    refresh_expires_at: float = 0.0
    """Unix seconds; after that the person must sign in again."""
    detail: str = ""


# --- the party --------------------------------------------------------------------------------------


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the party's member table."""

    account_id: str
    """Decimal string; one type at the edge, whatever Sony sent."""
    platform: str
    """``PS4``, ``PS5``, ``PSPC`` or ``MOBILE_APP`` [seen]; others are kept as they came."""
    online_id: str = ""
    is_host: bool = False
    is_me: bool = False
    muted: bool | None = None
    """From customData4 index 5 [one: Tustin]; None while unknown."""
    joined_at: float = 0.0
    """Unix seconds; 0 while unknown."""

    @property
    def peer(self) -> str:
        return peer_key(self.account_id, self.platform)


BRIDGE_PEER = "bridge.BRIDGE"
"""Peer key of the party's bridge, which is no member: its voices are one mixed talker."""


def peer_key(account_id: str, platform: str) -> str:
    """Return the key that names a party member everywhere."""
    return f"{account_id}.{platform}"


class PartyState(Message, frozen=True, kw_only=True):
    """session → everybody, at each change of the party or of its member table."""

    TOPIC: ClassVar[str] = "party.state"
    RETAINED: ClassVar[bool] = True
    phase: Literal["none", "joining", "joined", "leaving"]
    session_id: str = ""
    name: str = ""
    context_id: str = ""
    """The pushContexts id of our membership (a UUID that we made)."""
    me: str = ""
    """Our own peer key."""
    joined_at: float = 0.0
    """Unix seconds at which *we* joined; survives a restart of session."""
    members: tuple[Member, ...] = ()
    reason: str = ""
    """Why there is no party (any more), in plain words."""
    end: Literal["", "ended", "removed", "dropped", "gone", "left", "refused"] = ""
    """The same in a word: it ended; somebody took us out; this device was dropped; any of them; we left; the join
    was refused."""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One party that we are invited into."""

    session_id: str
    from_account_id: str = ""
    from_online_id: str = ""
    """Who invited, where it is known."""
    at: float = 0.0
    """Unix seconds at which we heard of it."""


class Invitations(Message, frozen=True, kw_only=True):
    """session → cli and status, when an invitation comes (by push or by REST) or is used up."""

    TOPIC: ClassVar[str] = "party.invitations"
    RETAINED: ClassVar[bool] = True
    invitations: tuple[Invitation, ...] = ()
    """Newest last."""


class Following(Message, frozen=True, kw_only=True):
    """session → status, when a person is followed into parties (or no longer), and after each look for them."""

    TOPIC: ClassVar[str] = "party.following"
    RETAINED: ClassVar[bool] = True
    online_id: str = ""
    """Whom we follow; empty: nobody."""
    account_id: str = ""
    state: Literal["off", "looking", "with"] = "off"
    detail: str = ""
    """What the last look found, in plain words."""
    next_look_at: float = 0.0
    """Unix seconds; 0 while no look is planned."""


class PushState(Message, frozen=True, kw_only=True):
    """signaling → session and status, when the push channel opens, drops or reopens."""

    TOPIC: ClassVar[str] = "push.state"
    RETAINED: ClassVar[bool] = True
    connected: bool
    protocol: str = ""
    """``3.0`` or ``2.1``."""
    host: str = ""
    epoch: str = ""
    """Changes with every new connection: events between two epochs may be missing."""
    since: float = 0.0
    """Unix seconds."""
    detail: str = ""


class PushEvent(Message, frozen=True, kw_only=True):
    """signaling → session and tap, for every push frame that carries an event (method 3001)."""

    TOPIC: ClassVar[str] = "push.event"
    epoch: str
    """That of the `PushState` it came under."""
    number: int
    """Counts events within the epoch from 1, without gaps: a gap here means the *bus* lost one."""
    data_type: str
    session_id: str = ""
    from_account_id: str = ""
    from_platform: str = ""
    contexts: tuple[tuple[str, int], ...] = ()
    """(contextId, sequenceNumber) pairs; empty on noSeq messages."""
    data: dict[str, Any] = {}
    """`body.data` as it came."""

    def key(self) -> str:
        return self.data_type


# --- signaling and media ----------------------------------------------------------------------------

Kind = Literal["offer", "answer"]


class PeerSignal(Message, frozen=True, kw_only=True):
    """signaling → media (direction ``in``) and media → signaling (``out``): one offer or answer.

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

    def key(self) -> str:
        return f"{self.direction}/{peer_key(self.account_id, self.platform)}"


class SignalRefused(Message, frozen=True, kw_only=True):
    """signaling → media, when the server refused an outgoing `PeerSignal`."""

    TOPIC: ClassVar[str] = "peer.refused"
    account_id: str
    platform: str
    kind: Kind
    sequence: int
    message: str
    final: bool
    """True: repeating the same signal is pointless (4xx)."""

    def key(self) -> str:
        return peer_key(self.account_id, self.platform)


class PeerState(Message, frozen=True, kw_only=True):
    """media → everybody, once a second and at each change of a peer connection; cleared when it is gone."""

    TOPIC: ClassVar[str] = "peer.state"
    RETAINED: ClassVar[bool] = True
    account_id: str
    platform: str
    online_id: str = ""
    connection: Literal["waiting", "connecting", "connected", "lost", "failed"]
    detail: str = ""
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

    def key(self) -> str:
        return peer_key(self.account_id, self.platform)


class Speaking(Message, frozen=True, kw_only=True):
    """media → everybody, when a talker begins or ends to speak."""

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


# --- audio ------------------------------------------------------------------------------------------


class Levels(Message, frozen=True, kw_only=True):
    """audio → meters, ten times a second while somebody is heard, once a second otherwise."""

    TOPIC: ClassVar[str] = "audio.levels"
    talkers: dict[str, float]
    """Peer key → peak of the interval in dBFS after gain (-120 for silence)."""
    mix: float
    """Peak of the mix in dBFS after the limiter."""


class MixerTalker(msgspec.Struct, frozen=True, kw_only=True):
    """How one talker stands in the mix."""

    peer: str
    gain_db: float = 0.0
    muted: bool = False
    frames: int = 0
    """Frames of sound mixed."""
    missing: int = 0
    """Frames that were due from a sounding talker and not there: heard as gaps."""
    dropped: int = 0
    """Frames thrown away because the queue ran too full (silence first)."""
    queue_ms: float = 0.0
    """What waits before the mixer, mean of the last second."""
    age_ms: float = 0.0
    """RTP packet in → sample at the device callback, mean of the last second's sounding frames."""


class MixerState(Message, frozen=True, kw_only=True):
    """audio → everybody, once a second and at each change of sink or mix."""

    TOPIC: ClassVar[str] = "audio.mixer"
    RETAINED: ClassVar[bool] = True
    sink: Literal["device", "file", "null"]
    """The sink that plays now: ``null`` also stands in for a device that is missing."""
    wanted_sink: Literal["device", "file", "null"]
    target: str = ""
    """Device name or file path."""
    latency_ms: float = 0.0
    """What the sink itself adds after the callback, as it says."""
    limited_frames: int = 0
    """Frames in which the limiter had to act."""
    played_frames: int = 0
    talkers: tuple[MixerTalker, ...] = ()


class AudioFrame(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Header of one frame on the audio plane: media → audio and recorder, each 10 ms for each talker.

    Topic ``pcm/<peer key>``. The samples follow as a frame of their own: `FRAME_SAMPLES` mono s16
    little-endian at `SAMPLE_RATE`, or nothing at all for digital silence.
    """

    peer: str
    boot: str
    """That of the media worker: `tick` starts anew with each boot."""
    tick: int
    """Number of the 10 ms tick, shared by all talkers, without gaps."""
    tick_ns: int
    """Monotonic nanoseconds at which the frame was due."""
    arrived_ns: int = 0
    """Monotonic nanoseconds at which the packet behind the first sample came in; 0: made up or silence."""
    concealed: bool = False
    sounding: bool = False
    """The talker is in a talkspurt: a frame missing now is heard as a gap."""


MESSAGES: tuple[type[Message], ...] = (
    WorkerHealth,
    Problem,
    AuthState,
    PartyState,
    Invitations,
    Following,
    PushState,
    PushEvent,
    PeerSignal,
    SignalRefused,
    PeerState,
    Speaking,
    Levels,
    MixerState,
)
"""Every published message class; the bus decodes no other."""

BY_TOPIC: dict[str, type[Message]] = {cls.TOPIC: cls for cls in MESSAGES}
"""Topic without key → class."""
