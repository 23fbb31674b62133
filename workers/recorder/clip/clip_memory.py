"""The last seconds of all talkers, as FLAC frames. No I/O, no clock, for one thread.

Blocks are those of a timeline. A silent one takes nothing. A cut shares the frames with the memory, so that clips which
overlap hold the same frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from common.messages import SAMPLE_RATE, Member
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import MissingSamples, SpokenSamples

MOST_BYTES = 256_000_000
"""What the frames may take. 300 s of 16 talkers who talk all the time need 175 MB (`benchmarks.sound.clip`).
The rest is for sound that FLAC makes less of, such as music."""


@dataclass(frozen=True, slots=True)
class PartySeen:
    """Who was in the party from a sample on."""

    begin: int
    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ClipMark:
    """Something that happened at a sample, e.g. that the computer slept."""

    begin: int
    text: str
    slept_s: float = 0.0
    """How long the clock of the samples stood still there."""


Note = MissingSamples | SpokenSamples | ClipMark


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """The sound of `BLOCK` samples."""

    number: int
    frames: Mapping[str, bytes]
    """Account id → FLAC frame, without silent talkers. The number in a frame is not this block's."""
    size: int


@dataclass(frozen=True, slots=True)
class ClipCut:
    """Everything that a clip needs."""

    first: int
    """Number of the first block."""
    end: int
    """Number of the block after the last one."""
    blocks: tuple[KeptBlock, ...]
    notes: tuple[Note, ...]
    parties: tuple[PartySeen, ...]

    @property
    def seconds(self) -> float:
        return (self.end - self.first) * BLOCK / SAMPLE_RATE

    @property
    def slept_s(self) -> float:
        """Return for how long the computer slept within the clip."""
        return sum(note.slept_s for note in self.notes if isinstance(note, ClipMark))

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return who is heard, in the order of their first sound."""
        return tuple(dict.fromkeys(account_id for block in self.blocks for account_id in block.frames))

    @property
    def size(self) -> int:
        return sum(block.size for block in self.blocks)


class ClipMemory:
    """The memory. `seconds` is its length, `most_bytes` its bound, which shortens it if need be."""

    def __init__(self, seconds: int, most_bytes: int = MOST_BYTES) -> None:
        self._length = blocks_of(seconds)
        self._most_bytes = most_bytes
        self._blocks: deque[KeptBlock] = deque()
        self._notes: deque[Note] = deque()
        self._parties: deque[PartySeen] = deque()
        self._first = 0
        self._end = 0
        self.size = 0
        """Bytes of the frames."""

    def resize(self, seconds: int) -> None:
        """Keep another length from the next block on."""
        self._length = blocks_of(seconds)

    @property
    def kept_s(self) -> float:
        return (self._end - self._first) * BLOCK / SAMPLE_RATE

    def add(self, number: int, frames: Mapping[str, bytes]) -> None:
        """Add the next block of the timeline, and drop what is too old."""
        self._end = number + 1
        if frames:
            block = KeptBlock(number, dict(frames), sum(map(len, frames.values())))
            self._blocks.append(block)
            self.size += block.size
        self._first = max(self._first, self._end - self._length)
        while self._blocks and (self._blocks[0].number < self._first or self.size > self._most_bytes):
            dropped = self._blocks.popleft()
            self.size -= dropped.size
            self._first = max(self._first, dropped.number + 1)
        self._forget(self._first * BLOCK)

    def note(self, note: Note) -> None:
        self._notes.append(note)

    def record_party(self, party: PartySeen) -> None:
        self._parties.append(party)

    def _forget(self, before: int) -> None:
        while self._notes and _end(self._notes[0]) < before:
            self._notes.popleft()
        while len(self._parties) > 1 and self._parties[1].begin <= before:
            self._parties.popleft()

    def cut(self, seconds: int, speaking: list[SpokenSamples]) -> ClipCut:
        """Return the last `seconds`, as far as they are kept. 0 means all. `speaking`: speech that is not over yet."""
        first = max(self._first, self._end - blocks_of(seconds)) if seconds else self._first
        begin, end = first * BLOCK, self._end * BLOCK
        notes = (note for note in (*self._notes, *speaking) if _end(note) >= begin and note.begin < end)
        parties = [party for party in self._parties if party.begin < end]
        while len(parties) > 1 and parties[1].begin <= begin:
            parties.pop(0)
        blocks = tuple(block for block in self._blocks if block.number >= first)
        return ClipCut(first, self._end, blocks, tuple(notes), tuple(parties))


def blocks_of(seconds: float) -> int:
    """Return the number of blocks that hold so many seconds."""
    return -(-int(seconds * SAMPLE_RATE) // BLOCK)


def _end(note: Note) -> int:
    return note.begin if isinstance(note, ClipMark) else note.end
