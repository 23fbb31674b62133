"""The recording's timeline, which turns frames at their ticks into blocks of samples. No I/O, no clock.

A position is a sample's number since the start, computed from the frame's `tick_ns` alone. Media takes that from an
absolute schedule. Frames of one run of media are whole ticks apart, and those of the next run are placed by their time.
All talkers of one tick share one position.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, MIX_PEER, SAMPLE_RATE, AudioFrame, PeerKey
from workers.recorder.files.flac import BLOCK

MIX = MIX_PEER
"""The mix's key in place of an account id. Its frames overlap where the end of a talker is faded out."""
NO_MIX = SAMPLE_RATE // 2
"""A shorter pause of the mix is what its queue dropped in silence because of the sound device's clock."""
STEP = FRAME_SAMPLES // 2
"""A shorter gap is no missing frame: two runs of media differ by half a sample, and in a pause the times of another
machine's frames take over how far its clock has run away (`FarTicks`)."""
FAR_BLOCKS = 200
"""A frame further ahead (19 s) is an error, and dropped."""


def position(at_ns: int, origin_ns: int) -> int:
    """Return the sample that is due at `at_ns`."""
    return ((at_ns - origin_ns) * SAMPLE_RATE + 500_000_000) // 1_000_000_000


def origin_at(at_ns: int) -> int:
    """Return the sample 0 for a timeline that begins now. It is a whole millisecond, i.e. 48 samples.

    So two timelines differ by a whole number of samples, and round the time of a frame alike.
    """
    return at_ns // 1_000_000 * 1_000_000


def account_of(peer: str) -> str:
    return PeerKey.of(peer).account_id


@dataclass(frozen=True, slots=True)
class MissingSamples:
    """A range of samples without frames of a talker."""

    account_id: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class SpokenSamples:
    """A range of samples in which a talker spoke."""

    account_id: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """The sound of all talkers during `BLOCK` samples."""

    number: int
    sounds: dict[str, NDArray[np.int16]]
    """Account id → samples, without silent talkers."""
    accounts: tuple[str, ...]
    """All accounts with frames so far."""


@dataclass(slots=True)
class _Last:
    """The end of one peer's frames, and the start of the present speech."""

    end: int
    spoke_from: int | None = None


@dataclass
class Timeline:
    """Takes frames by `put`, in any order, and returns blocks by `close`. For one thread."""

    origin_ns: int
    closed: int = 0
    """Number of blocks returned, which take no more frames."""
    late: int = 0
    """Frames that came after their block was returned, or are too far ahead."""
    events: list[MissingSamples | SpokenSamples] = field(default_factory=list)
    """Events since the caller last took them."""
    _accounts: dict[str, None] = field(default_factory=dict)
    _open: dict[int, dict[str, NDArray[np.int16]]] = field(default_factory=dict)
    _last: dict[str, _Last] = field(default_factory=dict)
    _mix_end: int = 0

    def __post_init__(self) -> None:
        self._mix_end = self.closed * BLOCK

    def put(self, frame: AudioFrame, samples: bytes) -> None:
        """Add one talker's frame."""
        at = position(frame.tick_ns, self.origin_ns)
        if at + FRAME_SAMPLES <= 0 or not self.place(account_of(frame.peer), at, samples):
            return
        last = self._last.get(frame.peer)
        if last is None:
            last = self._last[frame.peer] = _Last(at)
        if at > last.end + STEP:
            self._silent_from(frame.peer, last, last.end)
            self.events.append(MissingSamples(account_of(frame.peer), last.end, at))
        last.end = max(last.end, at + FRAME_SAMPLES)
        if frame.sounding and last.spoke_from is None:
            last.spoke_from = max(0, at)
        elif not frame.sounding:
            self._silent_from(frame.peer, last, at)

    def put_mix(self, frame: AudioFrame, samples: bytes) -> None:
        """Add one frame of the mix."""
        at = position(frame.tick_ns, self.origin_ns)
        if at + FRAME_SAMPLES <= 0 or not self.place(MIX, at, samples):
            return
        self.mix_until(at)
        self._mix_end = max(self._mix_end, at + FRAME_SAMPLES)

    def mix_until(self, at: int) -> None:
        """Add the event that the mix has been missing up to sample `at`, if that is so."""
        if at - self._mix_end > NO_MIX:
            self.events.append(MissingSamples(MIX, self._mix_end, at))

    def speaking(self) -> list[SpokenSamples]:
        """Return the speech that is not over yet."""
        return [
            SpokenSamples(account_of(peer), last.spoke_from, last.end)
            for peer, last in self._last.items()
            if last.spoke_from is not None
        ]

    def _silent_from(self, peer: str, last: _Last, at: int) -> None:
        if last.spoke_from is not None:
            self.events.append(SpokenSamples(account_of(peer), last.spoke_from, at))
            last.spoke_from = None

    def place(self, account_id: str, at: int, samples: bytes) -> bool:
        """Add samples at their position. Return False if that is closed or too far ahead."""
        first = at // BLOCK
        if (at + FRAME_SAMPLES - 1) // BLOCK < self.closed or first > self.closed + FAR_BLOCKS:
            self.late += 1
            return False
        self._accounts.setdefault(account_id)
        if samples:
            sound = np.frombuffer(samples, "<i2")
            cut = first * BLOCK + BLOCK - at
            self._add(account_id, first, at - first * BLOCK, sound[:cut])
            if cut < FRAME_SAMPLES:
                self._add(account_id, first + 1, 0, sound[cut:])
        return True

    def _add(self, account_id: str, number: int, offset: int, sound: NDArray[np.int16]) -> None:
        if number < max(self.closed, 0):
            return
        blocks = self._open.setdefault(number, {})
        block = blocks.get(account_id)
        if block is None:
            block = blocks[account_id] = np.zeros(BLOCK, np.int16)
        part = block[offset : offset + len(sound)]
        if part.any():  # the same account on two consoles at once
            part[:] = np.clip(part.astype(np.int32) + sound, -32768, 32767)
        else:
            part[:] = sound

    def close(self, until: int) -> Iterator[Block]:
        """Yield the blocks that end at or before sample `until`."""
        while (self.closed + 1) * BLOCK <= until:
            number = self.closed
            self.closed += 1
            yield Block(number, self._open.pop(number, {}), tuple(self._accounts))

    def end(self, at: int) -> None:
        """Add the events that are open at the end, sample `at`: speech, and gaps of more than a second."""
        for peer, last in self._last.items():
            self._silent_from(peer, last, min(at, last.end))
            if at - last.end > SAMPLE_RATE:
                self.events.append(MissingSamples(account_of(peer), last.end, at))
