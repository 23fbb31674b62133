"""A clip that the disk does not take waits in memory."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.contract.rules import refusal
from workers.recorder.clip.clip_memory import ClipCut
from workers.recorder.clip.held_clips import MOST_HELD, RETRY_S, HeldClip, HeldClips

CUT = ClipCut(0, 1, (), (), ())


def test_the_oldest_is_tried_first_and_a_fourth_takes_its_place() -> None:
    held = HeldClips()
    clips = [HeldClip(CUT, float(number)) for number in range(MOST_HELD + 1)]
    for clip in clips:
        held.add(clip)
    assert len(held) == MOST_HELD
    assert held.oldest is clips[1]
    held.add(clips[2])
    assert len(held) == MOST_HELD
    held.done(clips[1])
    held.done(clips[0])
    assert held.oldest is clips[2]


def test_it_is_tried_at_a_pace_and_only_if_something_waits() -> None:
    held = HeldClips()
    assert not held.is_due(100.0)
    held.add(HeldClip(CUT, 0.0))
    assert held.is_due(100.0)
    assert not held.is_due(100.0 + RETRY_S - 0.1)
    assert held.is_due(100.0 + RETRY_S)


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "Permission denied")])
def test_the_user_reads_what_happened_and_what_to_do(code: int, words: str) -> None:
    problem = HeldClips().problem(Path("/clips"), OSError(code, os.strerror(code)))
    refusal(problem)
    assert words in problem.message
    assert "stays in memory" in problem.message
    assert ("Free some space" in problem.remedy) == (code == errno.ENOSPC)
    assert ("/clips" in problem.remedy) == (code != errno.ENOSPC)
