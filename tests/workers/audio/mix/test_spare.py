"""How long frames wait before they are taken, and how many are too many or too few."""

from __future__ import annotations

import pytest
from workers.audio.mix.playout import Part, Step
from workers.audio.mix.spare import WINDOW_FRAMES, Spare

from common.messages import AudioFrame

MS = 1_000_000


def step(*came_ms: float) -> Step:
    frame = AudioFrame(peer="1.PS5", boot="m", tick=0, tick_ns=0, sounding=True)
    return Step([Part(frame, b"x", int(came * MS)) for came in came_ms])


def corrected(spare: Spare, waited_ms: float) -> int | None:
    """Let all frames of a window wait for so long."""
    found = [spare.note(step(0.0), int(waited_ms * MS)) for _ in range(WINDOW_FRAMES)]
    assert found[:-1] == [None] * (WINDOW_FRAMES - 1)
    return found[-1]


@pytest.mark.parametrize(
    ("waited_ms", "wish"),
    [
        (18.0, 0), (20.0, 0), (29.9, 0), (30.0, 1), (37.9, 1), (38.0, 2), (48.0, 3),
        (17.9, -1), (8.1, -1), (7.9, -2), (0.0, -2), (-3.0, -3),
    ],
)  # fmt: skip
def test_the_queue_keeps_its_target_within_a_band(waited_ms: float, wish: int) -> None:
    spare = Spare(3)
    assert corrected(spare, waited_ms) == wish
    assert spare.lowest_ms == pytest.approx(waited_ms)


def test_the_shortest_wait_of_a_window_counts_and_of_a_frame_that_of_the_last_talker() -> None:
    spare = Spare(3)
    assert spare.lowest_ms == 0
    spare.note(step(0.0, 15.0, 2.0), 20 * MS)
    for _ in range(WINDOW_FRAMES - 1):
        found = spare.note(step(0.0), 25 * MS)
    assert found == -2
    assert spare.lowest_ms == 5.0
    assert corrected(spare, 25.0) == 0  # of a window of its own
    assert spare.lowest_ms == 25.0


def test_frames_in_which_nothing_sounds_are_not_watched() -> None:
    spare = Spare(3)
    assert [spare.note(Step(), 0) for _ in range(2 * WINDOW_FRAMES)] == [None] * 2 * WINDOW_FRAMES
    assert corrected(spare, 25.0) == 0


def test_a_queue_that_was_changed_is_watched_from_the_beginning() -> None:
    spare = Spare(3)
    for _ in range(WINDOW_FRAMES - 1):
        spare.note(step(0.0), 0)
    spare.restart()
    assert corrected(spare, 25.0) == 0
    assert spare.lowest_ms == 25.0


def test_a_window_is_of_two_seconds_and_its_band_is_sharp() -> None:
    assert WINDOW_FRAMES == 200
    for waited_ns, wish in ((18 * MS, 0), (18 * MS - 1, -1), (30 * MS - 1, 0), (30 * MS, 1)):
        spare = Spare(3)
        assert [spare.note(step(0.0), waited_ns) for _ in range(WINDOW_FRAMES)][-1] == wish
