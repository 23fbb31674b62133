"""How long frames wait before they are taken, and how many are too many or too few."""

from __future__ import annotations

import pytest

from common.messages import AudioFrame
from workers.audio.mix.headroom import WINDOW_FRAMES, Headroom
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

MS = 1_000_000


def step(tick: int, received_ns: int = 0) -> MixStep:
    header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick * 10_000_000, sounding=True)
    return MixStep([TalkerFrame(header, b"", received_ns)])


def spare_after(low_ms: float) -> int | None:
    headroom = Headroom(2)
    for tick in range(WINDOW_FRAMES):
        said = headroom.measure(step(tick, 0), round((low_ms if tick == 100 else low_ms + 12) * 1e6))
    return said


@pytest.mark.parametrize(("low_ms", "wish"), [(9, 0), (19, 0), (21, 1), (39, 3), (7, -1), (1, -1), (-5, -2)])
def test_the_least_that_lay_ready_says_whether_whole_frames_are_too_many_or_too_few(low_ms: float, wish: int) -> None:
    assert spare_after(low_ms) == wish
    if wish:
        assert spare_after(low_ms - wish * 10) == 0  # one correction calls for no other


def received(*came_ms: float) -> MixStep:
    frame = AudioFrame(peer="1.PS5", boot="m", tick=0, tick_ns=0, sounding=True)
    return MixStep([TalkerFrame(frame, b"x", int(came * MS)) for came in came_ms])


def corrected(headroom: Headroom, waited_ms: float) -> int | None:
    """Let all frames of a window wait for so long."""
    found = [headroom.measure(received(0.0), int(waited_ms * MS)) for _ in range(WINDOW_FRAMES)]
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
    headroom = Headroom(3)
    assert corrected(headroom, waited_ms) == wish
    assert headroom.lowest_ms == pytest.approx(waited_ms)


def test_the_shortest_wait_of_a_window_counts_and_of_a_frame_that_of_the_last_talker() -> None:
    headroom = Headroom(3)
    assert headroom.lowest_ms == 0
    headroom.measure(received(0.0, 15.0, 2.0), 20 * MS)
    for _ in range(WINDOW_FRAMES - 1):
        found = headroom.measure(received(0.0), 25 * MS)
    assert found == -2
    assert headroom.lowest_ms == 5.0
    assert corrected(headroom, 25.0) == 0  # of a window of its own
    assert headroom.lowest_ms == 25.0


def test_frames_in_which_nothing_sounds_are_not_watched() -> None:
    headroom = Headroom(3)
    assert [headroom.measure(MixStep(), 0) for _ in range(2 * WINDOW_FRAMES)] == [None] * 2 * WINDOW_FRAMES
    assert corrected(headroom, 25.0) == 0


def test_a_queue_that_was_changed_is_watched_from_the_beginning() -> None:
    headroom = Headroom(3)
    for _ in range(WINDOW_FRAMES - 1):
        headroom.measure(received(0.0), 0)
    headroom.restart()
    assert corrected(headroom, 25.0) == 0
    assert headroom.lowest_ms == 25.0


def test_a_window_is_of_two_seconds_and_its_band_is_sharp() -> None:
    assert WINDOW_FRAMES == 200
    for waited_ns, wish in ((18 * MS, 0), (18 * MS - 1, -1), (30 * MS - 1, 0), (30 * MS, 1)):
        headroom = Headroom(3)
        assert [headroom.measure(received(0.0), waited_ns) for _ in range(WINDOW_FRAMES)][-1] == wish
