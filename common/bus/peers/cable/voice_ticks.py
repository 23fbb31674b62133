"""All talkers' frames of one tick as one message, for sound that crosses a network as Opus. No I/O.

A message of its own for each talker's frame would be three times as long as its sound. Who is silent is named when that
changes, and ten times a second for those who come later.
"""

from __future__ import annotations

import msgspec

from common.errors import BadMessageError
from common.messages import AudioFrame, wire

TOPIC = b"opus/"
"""What is subscribed to at a gate for the voices of all talkers as Opus."""
NAMED_EVERY = 10
"""Messages between two that name the silent talkers. Chosen so that who comes later waits for a tenth of a second."""
WAIT_NS = 3_000_000
"""Longest wait for the other talkers' frames of a tick. Media decodes fifteen voices in this time."""


class TickSound(msgspec.Struct, frozen=True, array_like=True):
    """A frame with sound."""

    peer: str
    packet: bytes
    """Opus, 10 ms. Empty for digital silence within a talkspurt."""
    arrived_ns: int
    sounding: bool
    concealed: bool
    later_ns: int = 0
    """What the frame's `tick_ns` is beyond the message's."""


class VoiceTick(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    boot: str
    tick: int
    tick_ns: int
    sounds: tuple[TickSound, ...]
    silent: tuple[str, ...] | None
    """Talkers with a frame without sound. None stands for those of the message before."""


def packed(tick: VoiceTick) -> list[bytes]:
    return [TOPIC, wire.pack(tick)]


def unpacked(frames: list[bytes]) -> VoiceTick:
    """Return the tick of a message. Raises `BadMessageError`."""
    if len(frames) != 2:
        raise BadMessageError(f"{len(frames)} frames where topic and tick belong")
    return wire.unpack(frames[1], VoiceTick)


class TickCollector:
    """Gathers one tick's frames. It is complete when all who were in the one before are there."""

    def __init__(self) -> None:
        self._first: AudioFrame | None = None
        self._began_ns = 0
        self._sounds: list[TickSound] = []
        self._silent: list[str] = []
        self._here: set[str] = set()
        self._expected: set[str] = set()
        self._named: tuple[str, ...] | None = None
        self._since_named = 0

    def belongs(self, frame: AudioFrame) -> bool:
        """Return whether the frame is of the tick that is gathered. If not, `take` that one before."""
        first = self._first
        return first is None or (first.boot == frame.boot and first.tick == frame.tick and frame.peer not in self._here)

    def add(self, frame: AudioFrame, packet: bytes, now_ns: int) -> None:
        """Add a frame, with its Opus packet if it has sound."""
        if self._first is None:
            self._first, self._began_ns = frame, now_ns
        self._here.add(frame.peer)
        if not packet and not frame.sounding:
            self._silent.append(frame.peer)
            return
        later_ns = frame.tick_ns - self._first.tick_ns
        self._sounds.append(TickSound(frame.peer, packet, frame.arrived_ns, frame.sounding, frame.concealed, later_ns))

    def is_due(self, now_ns: int) -> bool:
        if self._first is None:
            return False
        return self._here >= self._expected or now_ns - self._began_ns >= WAIT_NS

    @property
    def is_empty(self) -> bool:
        return self._first is None

    def take(self) -> VoiceTick:
        """Return what is gathered, and begin anew. Only if it is not empty."""
        first = self._first
        assert first is not None
        silent: tuple[str, ...] | None = tuple(self._silent)
        self._since_named += 1
        if silent == self._named and self._since_named < NAMED_EVERY:
            silent = None
        else:
            self._named, self._since_named = silent, 0
        taken = VoiceTick(
            boot=first.boot, tick=first.tick, tick_ns=first.tick_ns, sounds=tuple(self._sounds), silent=silent
        )
        self._expected = self._here
        self._here, self._first, self._sounds, self._silent = set(), None, [], []
        return taken


class SilentTalkers:
    """Who is silent in each message."""

    def __init__(self) -> None:
        self._named: tuple[str, ...] = ()
        self._last = ("", -1)

    def of(self, tick: VoiceTick) -> tuple[str, ...]:
        """Return the silent talkers of a message. After a message that was lost nobody, until they are named again."""
        follows = self._last in ((tick.boot, tick.tick - 1), (tick.boot, tick.tick))
        self._last = (tick.boot, tick.tick)
        if tick.silent is not None:
            self._named = tick.silent
        elif not follows:
            self._named = ()
        return self._named
