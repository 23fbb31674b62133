"""The mix, its levels and its devices; and the frames of the audio plane."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from common.basic.values import SinkKind
from common.messages.base import Message

MIX_PLANE = "audio-mix"
"""Name of the audio plane that carries the mix, for `common.bus.AudioSubscriber`."""
MIX_PEER = "mix"
"""`AudioFrame.peer` there."""
RECORD_PEER = "record"
"""The other one there: the same mix for the recorder, not held back, and in step with the talkers."""


class Levels(Message, frozen=True, kw_only=True):
    """audio → dashboard, ten times a second while somebody is heard, once a second otherwise."""

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
    solo: bool = False
    hushed: bool = False
    """Not heard, because somebody else is solo. Audio alone judges this."""
    level_db: float = 0.0
    """What levelling adds to `gain_db`, -20 … +20."""
    channels: tuple[int, ...] = ()
    """Channels of the device, counted from 1, that carry this talker alone, besides the mix."""
    frames: int = 0
    """Frames of sound mixed."""
    missing: int = 0
    """Frames that were due from a sounding talker and not there: heard as gaps."""
    dropped: int = 0
    """Frames thrown away because the queue ran too full (silence first)."""
    queue_ms: float = 0.0
    """What waits before the mixer, mean of the last second."""
    age_ms: float = 0.0
    """RTP packet in → sample at the device callback, mean of the last second's sounding frames; without `delay_ms`."""


class MixerState(Message, frozen=True, kw_only=True):
    """audio → dashboard, cli, once a second and at each change of sink or mix."""

    TOPIC: ClassVar[str] = "audio.mixer"
    RETAINED: ClassVar[bool] = True
    sink: SinkKind
    """The sink that plays now: ``null`` also stands in for one that cannot play."""
    wanted_sink: SinkKind
    target: str = ""
    """Device name or file path."""
    where: str
    """Where the sound goes, as what follows “The sound goes”. Audio words it, and no view needs to know the kinds."""
    latency_ms: float = 0.0
    """What the sink itself adds after the callback, as it says."""
    limited_frames: int = 0
    """Frames in which the limiter had to act."""
    played_frames: int = 0
    gain_db: float = 0.0
    """Master gain."""
    delay_ms: float = 0.0
    """By how much the mix, and each talker that a page plays alone, is held back, to match a video."""
    levelling: bool = False
    newcomer_gain_db: float = 0.0
    """Gain of talkers for whom none was chosen."""
    solo: bool = False
    """Somebody in the mix is solo: talkers who are not named yet come in silenced."""
    clock_ppm: float = 0.0
    """How much slower than this machine's clock the device's is, in parts per million: the mix is resampled by it."""
    spare_ms: float = 0.0
    """How long frames lay ready before they were taken, at worst in the last 2 s: the elastic buffer's fill."""
    render_ms: float = 0.0
    """The longest that one call of the device's took since this was last told."""
    talkers: tuple[MixerTalker, ...] = ()


class Ducking(Message, frozen=True, kw_only=True):
    """audio → nobody, when the party begins to speak, and when it has been quiet for a while.

    It is for programs beside us: a script of OBS, a game, a music player.
    """

    TOPIC: ClassVar[str] = "audio.ducking"
    RETAINED: ClassVar[bool] = True
    active: bool
    """Somebody is heard in the mix: other sounds may step back."""
    at: float
    """Unix seconds."""


class OutputDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One sound device that can play."""

    name: str
    channels: int
    is_default: bool = False
    """The system plays there by default."""


class Devices(Message, frozen=True, kw_only=True):
    """audio → dashboard, cli, at the start and whenever the list, the default or the choice changes."""

    TOPIC: ClassVar[str] = "audio.devices"
    RETAINED: ClassVar[bool] = True
    devices: tuple[OutputDevice, ...] = ()
    wanted: str = ""
    """Part of the wanted device's name; empty: whatever the system's default is."""
    current: str = ""
    """Name of the device that plays now; empty: none."""


class AudioFrame(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Header of one frame on the audio plane: media → audio and recorder, each 10 ms for each talker.

    Topic ``pcm/<peer key>``. The samples follow as a frame of their own: `FRAME_SAMPLES` mono s16
    little-endian at `SAMPLE_RATE`, or nothing at all for digital silence.

    audio publishes the mix the same way, on a socket of its own: `MIX_PLANE`, peer `MIX_PEER`.
    There `boot` is audio's, and `tick_ns` is when the sink takes the frame's first sample: it leaps where the sink
    was exchanged, `tick` does not. Peer `RECORD_PEER` has the mix without `MixerState.delay_ms`, and there `tick_ns`
    is when the first sample was due in the talkers' own frames, so that the mix lies on them to the sample; where
    nothing came of anybody it goes on from what came before, and frames may overlap: they are to be added.
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
