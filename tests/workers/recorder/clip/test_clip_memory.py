"""The last seconds are kept and nothing older, whoever speaks, and whatever the bound."""

from __future__ import annotations

from common.messages import SAMPLE_RATE
from tests.support.made import BO, CLEO
from tests.workers.recorder.clip.made_clips import fed
from workers.recorder.clip.clip_memory import ClipMark, ClipMemory, PartySeen, blocks_of
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import MissingSamples, SpokenSamples

FRAME = b"x" * 1000


def test_only_the_last_seconds_are_kept() -> None:
    memory = ClipMemory(1)
    for number in range(1000):
        memory.add(number, {"2": FRAME})
    assert memory.kept_s == blocks_of(1) * BLOCK / SAMPLE_RATE
    assert memory.size == blocks_of(1) * len(FRAME)
    cut = memory.cut(0, [])
    assert [block.number for block in cut.blocks] == list(range(1000 - blocks_of(1), 1000))
    assert (cut.first, cut.end) == (1000 - blocks_of(1), 1000)


def test_silence_costs_nothing_and_takes_its_time() -> None:
    memory = ClipMemory(30)
    memory.add(0, {"2": FRAME})
    for number in range(1, 100):
        memory.add(number, {})
    assert memory.size == len(FRAME)
    assert memory.cut(0, []).seconds == 100 * BLOCK / SAMPLE_RATE


def test_the_bound_shortens_what_is_kept_and_the_newest_stays() -> None:
    memory = ClipMemory(300, most_bytes=10 * len(FRAME))
    for number in range(50):
        memory.add(number, {"2": FRAME})
    assert memory.size == 10 * len(FRAME)
    cut = memory.cut(0, [])
    assert (cut.first, cut.end, cut.size) == (40, 50, memory.size)


def test_a_cut_is_as_long_as_asked_and_no_longer_than_what_is_kept() -> None:
    memory = ClipMemory(30)
    for number in range(100):
        memory.add(number, {"2": FRAME})
    assert memory.cut(1, []).end - memory.cut(1, []).first == blocks_of(1)
    assert memory.cut(30, []).first == 0
    assert blocks_of(1) * BLOCK >= SAMPLE_RATE > (blocks_of(1) - 1) * BLOCK


def test_two_cuts_in_a_row_share_their_frames() -> None:
    memory = fed(ClipMemory(30), range(20))
    first = memory.cut(0, [])
    second = fed(memory, range(20, 30)).cut(1, [])
    shared = {block.number: block for block in first.blocks}
    both = [block for block in second.blocks if block.number in shared]
    assert both
    assert all(block is shared[block.number] for block in both)
    assert memory.cut(0, []).blocks[: len(first.blocks)] == first.blocks  # a cut takes nothing out


def test_who_was_there_is_known_also_if_the_party_was_told_long_before() -> None:
    memory = ClipMemory(1)
    memory.record_party(PartySeen(0, "old", ()))
    memory.record_party(PartySeen(BLOCK, "Friday raid", (BO,)))
    for number in range(100):
        memory.add(number, {"2": FRAME})
    memory.record_party(PartySeen(95 * BLOCK, "Friday raid", (BO, CLEO)))
    parties = memory.cut(0, []).parties
    assert [(party.begin, len(party.members)) for party in parties] == [(BLOCK, 1), (95 * BLOCK, 2)]


def test_what_is_over_is_forgotten_and_what_reaches_into_the_clip_is_not() -> None:
    memory = ClipMemory(1)
    old, reaches = MissingSamples("2", 0, BLOCK), SpokenSamples("2", BLOCK, 995 * BLOCK)
    slept = ClipMark(996 * BLOCK, "slept", 60.0)
    for note in (old, reaches):
        memory.note(note)
    for number in range(1000):
        memory.add(number, {"2": FRAME})
    memory.note(slept)
    open_speech = SpokenSamples("3", 998 * BLOCK, 1000 * BLOCK)
    cut = memory.cut(0, [open_speech])
    assert cut.notes == (reaches, slept, open_speech)
    assert cut.slept_s == 60.0


def test_another_length_keeps_what_fits() -> None:
    memory = ClipMemory(2)
    for number in range(100):
        memory.add(number, {"2": FRAME})
    memory.resize(30)
    memory.add(100, {"2": FRAME})
    assert memory.cut(0, []).end - memory.cut(0, []).first == blocks_of(2) + 1
    memory.resize(1)
    memory.add(101, {"2": FRAME})
    assert memory.cut(0, []).end - memory.cut(0, []).first == blocks_of(1)


def test_notes_and_parties_take_no_more_memory_than_what_they_are_about() -> None:
    memory = ClipMemory(1)
    for number in range(1000):
        memory.note(SpokenSamples("2", number * BLOCK, number * BLOCK + 10))
        memory.record_party(PartySeen(number * BLOCK, str(number), ()))
        memory.add(number, {})
    assert len(memory._notes) == blocks_of(1)
    assert [party.name for party in memory._parties] == [str(number) for number in range(1000 - blocks_of(1), 1000)]


def test_a_short_cut_of_a_long_memory_has_its_own_notes_and_the_party_of_its_beginning() -> None:
    memory = ClipMemory(30)
    assert (memory.kept_s, memory.cut(0, []).seconds) == (0.0, 0.0)
    for number in range(100):
        memory.add(number, {"2": FRAME})
    begin = (100 - blocks_of(1)) * BLOCK
    for at in (0, 1000, begin - 1, begin, begin + 1):
        memory.record_party(PartySeen(at, str(at - begin), ()))
    before, until_begin = SpokenSamples("2", 0, begin - 1), SpokenSamples("2", 0, begin)
    at_end, after = SpokenSamples("2", 100 * BLOCK - 1, 101 * BLOCK), ClipMark(100 * BLOCK, "too late")
    for note in (before, until_begin, at_end, after):
        memory.note(note)
    cut = memory.cut(1, [])
    assert cut.notes == (until_begin, at_end)
    assert [party.name for party in cut.parties] == ["0", "1"]
    assert (cut.slept_s, cut.seconds) == (0.0, blocks_of(1) * BLOCK / SAMPLE_RATE)
    assert len(memory.cut(0, []).parties) == 5


def test_one_party_is_that_of_the_whole_clip() -> None:
    memory = fed(ClipMemory(30), range(20))
    party = PartySeen(0, "Friday raid", (BO,))
    memory.record_party(party)
    assert memory.cut(1, []).parties == (party,)


def test_a_mark_is_no_sleep() -> None:
    memory = ClipMemory(30)
    memory.note(ClipMark(5, "somebody cheered"))
    memory.add(0, {"1": b"frame"})
    assert memory.cut(0, []).slept_s == 0
