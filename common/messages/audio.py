"""The mix, its levels and its devices; and the frames of the audio plane."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message


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


class OutputDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One sound device that can play."""

    name: str
    channels: int
    is_default: bool = False
    """The system plays there by default."""


class Devices(Message, frozen=True, kw_only=True):
    """audio → everybody, at the start and whenever the list, the default or the choice changes."""

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
