"""The receiving thread's work, turn by turn in made-up time."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.messages import AudioFrame
from tests.workers.recorder.rig import TICK_NS, frame, sound
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.index_format import IndexFile, IndexGap, load
from workers.recorder.files.timeline import Block, Timeline
from workers.recorder.record import assembler
from workers.recorder.record.assembler import EVERYBODY, LATE_NS, NO_MIX_CAME, TOO_SLOW, BlockAssembler

ORIGIN_NS = 1_000_000_000
BO = "2.PS5"


class Plane:
    """An audio plane on which frames wait."""

    def __init__(self) -> None:
        self.waiting: list[tuple[AudioFrame, bytes]] = []

    def receive(self, _wait_ms: int) -> list[tuple[AudioFrame, bytes]]:
        waiting, self.waiting = self.waiting, []
        return waiting


class Disk:
    """The writer, with room or without."""

    def __init__(self) -> None:
        self.has_room = True
        self.blocks: list[Block] = []
        self.ended: tuple[str, int] | None = None
        self.done = threading.Event()

    def offer(self, block: Block) -> bool:
        if self.has_room:
            self.blocks.append(block)
        return self.has_room

    def finish(self, reason: str, blocks: int) -> None:
        self.ended = reason, blocks


class Rig:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.media, self.mix, self.disk = Plane(), Plane(), Disk()
        self.now_ns = ORIGIN_NS
        self.index = RecordingIndex(IndexFile(started_at=1000.0))
        timeline = Timeline(ORIGIN_NS)
        self.assembler = BlockAssembler(Path(), timeline, self.index, self.disk, speech=True)  # type: ignore[arg-type]
        monkeypatch.setattr(assembler, "time", SimpleNamespace(monotonic_ns=lambda: self.now_ns))

    def turn(self, after_ns: int) -> bool:
        """Let it be `after_ns` after the start."""
        self.now_ns = ORIGIN_NS + after_ns
        return self.assembler._receive_once(self.media, self.mix)  # type: ignore[arg-type]

    def gaps(self) -> list[IndexGap]:
        return load(self.index.dump(0.0)[0]).gaps


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def say(plane: Plane, peer: str, ticks: range) -> None:
    plane.waiting += [(frame(peer, tick, ORIGIN_NS + tick * TICK_NS), sound(tick + 1)) for tick in ticks]


def test_a_block_is_handed_over_once_nothing_of_it_can_come_any_more(rig: Rig) -> None:
    say(rig.media, BO, range(30))
    assert not rig.turn(LATE_NS + 95_000_000)
    assert rig.disk.blocks == []
    assert not rig.turn(LATE_NS + 97_000_000)
    assert [block.number for block in rig.disk.blocks] == [0]
    assert rig.disk.blocks[0].sounds["2"][:1].tolist() == [1]


def test_a_block_without_room_is_a_gap_of_everybody(rig: Rig) -> None:
    say(rig.media, BO, range(30))
    rig.disk.has_room = False
    rig.turn(LATE_NS + 200_000_000)
    assert rig.assembler.lost_blocks == 2
    (gap,) = rig.gaps()
    assert (gap.who, gap.why, gap.start, gap.end) == (EVERYBODY, TOO_SLOW, 0.0, 2 * BLOCK / 48_000)


def test_the_end_is_handed_over_whole_and_the_writer_is_told_how_long_it_is(rig: Rig) -> None:
    say(rig.media, BO, range(15))
    rig.assembler.finish(ORIGIN_NS + 150_000_000, "enough")
    assert not rig.turn(LATE_NS + 149_000_000)
    assert rig.turn(LATE_NS + 151_000_000)
    assert [block.number for block in rig.disk.blocks] == [0, 1]
    assert rig.disk.ended == ("enough", 2)
    assert rig.index.take_speech() == "0.000000\t0.150000\t2\n"


def test_a_mix_that_is_away_for_a_while_is_a_gap_and_one_that_never_came_is_none(rig: Rig) -> None:
    rig.turn(LATE_NS + 2_000_000_000)
    assert rig.gaps() == []
    say(rig.mix, "record", range(210, 220))
    rig.turn(LATE_NS + 2_100_000_000)
    (gap,) = rig.gaps()
    assert (gap.who, gap.why, gap.start, gap.end) == ("mix", NO_MIX_CAME, 0.0, 2.1)


def test_when_the_writer_has_ended_nothing_more_is_received(rig: Rig) -> None:
    rig.disk.done.set()
    assert rig.turn(LATE_NS)
