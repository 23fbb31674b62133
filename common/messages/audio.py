"""Messages about the mix, its levels and its devices, and the frames of the audio plane."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from common.basic.values import SinkKind
from common.messages.base import Message
from common.messages.outputs import OutputStatus
from common.messages.processing import TalkerProcessing

MIX_PLANE = "audio-mix"
"""Name of the audio plane that carries the mix, for `common.bus.AudioSubscriber`."""
MIX_PEER = "mix"
"""`AudioFrame.peer` of the mix there."""
RECORD_PEER = "record"
"""`AudioFrame.peer` of the recorder's mix there, without delay and aligned with the talkers."""
OUTPUT_PEER = "output"
"""`AudioFrame.peer` of what further outputs play: like the recorder's mix, but with all that is to be heard. It is
published while there are further outputs."""
LEFT, RIGHT = "-left", "-right"
"""Follow `MIX_PEER` and `OUTPUT_PEER` in `AudioFrame.peer` of the two channels, which are published while somebody is
panned, before the mono frame of the same tick (`common.bus.stereo`)."""


class Levels(Message, frozen=True, kw_only=True):
    """audio → dashboard, ten times a second while somebody is heard (`LevelsWanted`: 20), once a second otherwise."""

    TOPIC: ClassVar[str] = "audio.levels"
    talkers: dict[str, float]
    """Peer key → peak of the interval in dBFS after gain (-120 for silence)."""
    mix: float
    """Peak of the mix in dBFS after the limiter."""


class LevelsWanted(Message, frozen=True, kw_only=True):
    """dashboard → audio, when the most often that a program wants levels changes."""

    TOPIC: ClassVar[str] = "audio.levels-wanted"
    RETAINED: ClassVar[bool] = True
    per_s: int = 10
    """Audio gives them 10 or 20 times a second."""


class MixerTalker(msgspec.Struct, frozen=True, kw_only=True):
    """One talker in the mix."""

    peer: str
    gain_db: float = 0.0
    """The chosen gain."""
    muted: bool = False
    """Muted by the user."""
    solo: bool = False
    """Whether only this talker, and others that are solo, are to be heard."""
    hushed: bool = False
    """Solo-muted, because somebody else is solo. Only audio decides this."""
    level_db: float = 0.0
    """What levelling adds to `gain_db`, -20 … +20."""
    processing: TalkerProcessing = TalkerProcessing()
    processing_ms: float = 0.0
    """How much later the talker's sound is because of it, in the mix alone. `age_ms` contains it."""
    channels: tuple[int, ...] = ()
    """Channels of the device, counted from 1, that carry only this talker, besides the mix."""
    frames: int = 0
    """Mixed frames with sound."""
    missing: int = 0
    """Frames of a sounding talker that were not there in time, heard as gaps."""
    dropped: int = 0
    """Frames dropped because the queue was too long (silence first)."""
    queue_ms: float = 0.0
    """Queue before the mixer, mean of the last second."""
    age_ms: float = 0.0
    """RTP packet in → sample at the device callback, without `delay_ms`. Mean of the last second's sounding frames."""


class MixerState(Message, frozen=True, kw_only=True):
    """audio → obs, dashboard, webrtc, cli, once a second and at each change of sink or mix."""

    TOPIC: ClassVar[str] = "audio.mixer"
    RETAINED: ClassVar[bool] = True
    sink: SinkKind
    """The current sink. ``null`` also replaces one that cannot play."""
    wanted_sink: SinkKind
    target: str = ""
    """Device name or file path."""
    where: str
    """Completes “The sound goes”. Audio words it, so that no view needs to know the kinds of sinks."""
    resting: bool = False
    """The device `target` is closed until a party is joined, and `sink` is ``null`` meanwhile. That is no fault."""
    latency_ms: float = 0.0
    """Latency after the callback, as the sink reports it."""
    limited_frames: int = 0
    """Frames in which the limiter acted."""
    played_frames: int = 0
    """10 ms frames of the mix that went to a sink."""
    gain_db: float = 0.0
    """Master gain."""
    delay_ms: float = 0.0
    """Delay of the mix, and of each talker that a page plays alone, to match a video."""
    levelling: bool = False
    """Whether each talker's loudness is brought to the same level."""
    newcomer_gain_db: float = 0.0
    """Gain of talkers without a chosen one."""
    solo: bool = False
    """Whether somebody in the mix is solo. New talkers then start solo-muted."""
    own_account: str = ""
    """Account of the person who runs partyline (`SetOwnMember`), or empty while nobody said."""
    clock_ppm: float = 0.0
    """Lag of the device's clock behind this machine's, in parts per million. The mix is resampled by it."""
    spare_ms: float = 0.0
    """Headroom of the resampled renderer: the shortest time in the last 2 s from frame ready to frame taken."""
    render_ms: float = 0.0
    """Longest device callback since the last message."""
    no_suppression: str = ""
    """Why noise is not suppressed at the moment although it is wanted, as a sentence, or empty."""
    suppression_pauses: int = 0
    """How often noise suppression paused since audio's start, because this machine did not keep up."""
    suppression_paused_at: float = 0.0
    """Unix seconds of the last time, or 0."""
    talkers: tuple[MixerTalker, ...] = ()
    outputs: tuple[OutputStatus, ...] = ()
    """Where the mix plays, the main output first."""


class FarSound(Message, frozen=True, kw_only=True):
    """audio → cli, once a second while the talkers' frames come from another machine, then cleared."""

    TOPIC: ClassVar[str] = "audio.far-sound"
    RETAINED: ClassVar[bool] = True
    delay_ms: float
    """From a frame's tick there until it is here, by both clocks: the fastest one of the last minute."""
    jitter_ms: float
    """How much later than that the latest frame of the last 10 s was. A stall of the network is in it."""
    queue_ms: float
    """How much longer than on one machine the mix waits for frames because of it."""
    missing: int
    """Frames of sounding talkers that were not there in time since audio's start. Up to 0.2 s in a row are made up."""


class Ducking(Message, frozen=True, kw_only=True):
    """audio → obs, dashboard, when the party begins to speak, and when it has been quiet for a while.

    It is for other programs too, such as a game or a music player.
    """

    TOPIC: ClassVar[str] = "audio.ducking"
    RETAINED: ClassVar[bool] = True
    active: bool
    """Somebody is heard in the mix, so other sounds may be lowered."""
    at: float
    """Unix seconds."""


class TonePlays(Message, frozen=True, kw_only=True):
    """audio → dashboard, when a test tone begins, so that it is heard on pages with a single talker too."""

    TOPIC: ClassVar[str] = "audio.tone"
    seconds: float


class OutputDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One playback device."""

    name: str
    channels: int
    is_default: bool = False
    """Whether it is the system's default."""


class Devices(Message, frozen=True, kw_only=True):
    """audio → obs, dashboard, cli, at the start and whenever the list, the default or the choice changes."""

    TOPIC: ClassVar[str] = "audio.devices"
    RETAINED: ClassVar[bool] = True
    devices: tuple[OutputDevice, ...] = ()
    wanted: str = ""
    """Part of the wanted device's name, or empty for the system's default."""
    current: str = ""
    """Name of the current device, or empty for none."""
    resting: str = ""
    """Name of the device that is closed until a party is joined, or empty for none."""


class AudioFrame(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Header of one frame on the audio plane: media → audio and recorder, each 10 ms for each talker.

    Topic ``pcm/<peer key>``. The samples follow as a separate ZeroMQ frame: `FRAME_SAMPLES` mono s16
    little-endian at `SAMPLE_RATE`, or nothing at all for digital silence.

    audio publishes the mix the same way on its own socket `MIX_PLANE`, as peer `MIX_PEER`. There `boot` is audio's,
    and `tick_ns` is when the sink takes the frame's first sample. `tick_ns` jumps at a change of the sink. `tick` does
    not. Peer `RECORD_PEER` is the mix without `MixerState.delay_ms`. There `tick_ns` is when the first sample was due
    in the talkers' frames, so that the mix is aligned with them to the sample. While no talker sends, it continues from
    the last one. Such frames may overlap, and a reader must add them. They are mono: a panned talker is in them as loud
    as in the middle. While somebody is panned, `LEFT` and `RIGHT` come besides.
    """

    peer: str
    boot: str
    """Boot id of the media worker. `tick` restarts with each boot."""
    tick: int
    """Number of the 10 ms tick, shared by all talkers, without gaps."""
    tick_ns: int
    """Monotonic nanoseconds at which the frame was due."""
    arrived_ns: int = 0
    """Monotonic nanoseconds at which the first sample's packet arrived, or 0 for concealment or silence."""
    concealed: bool = False
    sounding: bool = False
    """The talker is in a talkspurt, so a missing frame is heard as a gap."""
    drift_ns: int | None = None
    """None for frames of this machine. For those of another one, what `tick_ns` lacks until the next pause, because its
    clock made the ticks (`FarTicks`)."""
