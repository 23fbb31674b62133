"""How long frames wait before they are taken, and how many are too many or too few."""

from __future__ import annotations

import pytest

from common.messages import AudioFrame
from workers.audio.mix.headroom import KNOWN_WINDOWS, MOST_MS, WINDOW_FRAMES, Headroom
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

MS = 1_000_000


def step(tick: int, received_ns: int = 0) -> MixStep:
    header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick * 10_000_000, sounding=True)
    return MixStep([TalkerFrame(header, b"", received_ns)])


def measure(headroom: Headroom, taken: MixStep, waited_ms: float, block_ms: float = 0.0) -> int | None:
    """Let a frame be asked for after so long, and be heard at the end of a block."""
    asked_ns = round(waited_ms * MS)
    return headroom.measure(taken, asked_ns, asked_ns + block_ms * MS, block_ms * MS)


def spare_after(low_ms: float) -> int | None:
    headroom = Headroom(2)
    for tick in range(WINDOW_FRAMES):
        said = measure(headroom, step(tick, 0), low_ms if tick == 100 else low_ms + 12)
    return said


@pytest.mark.parametrize(("low_ms", "wish"), [(9, 0), (19, 0), (21, 1), (39, 3), (7, -1), (1, -1), (-5, -2)])
def test_the_least_that_lay_ready_says_whether_whole_frames_are_too_many_or_too_few(low_ms: float, wish: int) -> None:
    assert spare_after(low_ms) == wish
    if wish:
        assert spare_after(low_ms - wish * 10) == 0  # one correction calls for no other


def received(*came_ms: float, far: bool = False) -> MixStep:
    frame = AudioFrame(peer="1.PS5", boot="m", tick=0, tick_ns=0, sounding=True, drift_ns=0 if far else None)
    return MixStep([TalkerFrame(frame, b"x", int(came * MS)) for came in came_ms])


def corrected(headroom: Headroom, waited_ms: float) -> int | None:
    """Let all frames of a window wait for so long."""
    found = [measure(headroom, received(0.0), waited_ms) for _ in range(WINDOW_FRAMES)]
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
    measure(headroom, received(0.0, 15.0, 2.0), 20)
    for _ in range(WINDOW_FRAMES - 1):
        found = measure(headroom, received(0.0), 25)
    assert found == -2
    assert headroom.lowest_ms == 5.0
    assert corrected(headroom, 25.0) == 0  # of a window of its own
    assert headroom.lowest_ms == 25.0


def test_frames_in_which_nothing_sounds_are_not_watched() -> None:
    headroom = Headroom(3)
    assert [headroom.measure(MixStep(), 0, 0.0, 0.0) for _ in range(2 * WINDOW_FRAMES)] == [None] * 2 * WINDOW_FRAMES
    assert corrected(headroom, 25.0) == 0


def test_a_queue_that_was_changed_is_watched_from_the_beginning() -> None:
    headroom = Headroom(3)
    for _ in range(WINDOW_FRAMES - 1):
        measure(headroom, received(0.0), 0)
    headroom.restart()
    assert corrected(headroom, 25.0) == 0
    assert headroom.lowest_ms == 25.0


def test_a_window_is_of_two_seconds_and_its_band_is_sharp() -> None:
    assert WINDOW_FRAMES == 200
    for waited_ns, wish in ((18 * MS, 0), (18 * MS - 1, -1), (30 * MS - 1, 0), (30 * MS, 1)):
        headroom = Headroom(3)
        assert [headroom.measure(received(0.0), waited_ns, float(waited_ns), 0.0) for _ in range(WINDOW_FRAMES)][
            -1
        ] == wish


# --- the lag that is needed, once the latest frames are known ------------------------------------------


def watched(headroom: Headroom, lag_ms: float, later_ms: float, *, windows: int = 1, far: bool = False) -> int | None:
    """Let frames be heard `lag_ms` after their ticks, and one of each window arrive `later_ms` after its tick."""
    said = None
    for number in range(windows * WINDOW_FRAMES):
        latest = number % WINDOW_FRAMES == WINDOW_FRAMES // 2
        said = measure(headroom, received(later_ms if latest else 0.0, far=far), lag_ms)
    return said


def begun(target: int = 2) -> Headroom:
    """Return one whose device is beyond its beginning, with a frame that was late in it."""
    headroom = Headroom(target)
    watched(headroom, 14.0, 8.0)
    return headroom


def known(later_ms: float, target: int = 2) -> Headroom:
    headroom = begun(target)
    watched(headroom, 14.0, later_ms, windows=KNOWN_WINDOWS)
    return headroom


def test_the_lag_needed_covers_the_latest_frame_and_three_milliseconds() -> None:
    headroom = begun()
    watched(headroom, 14.0, 1.0, windows=KNOWN_WINDOWS - 1)
    assert headroom.needed_ns is None
    assert headroom.surplus_ns == 0
    watched(headroom, 14.0, 1.5)
    assert headroom.needed_ns == 5 * MS
    assert headroom.surplus_ns == pytest.approx(9 * MS, abs=10)


def test_a_device_that_asks_for_many_samples_at_once_or_at_odd_times_needs_a_longer_lag() -> None:
    headroom, asked_ms = begun(), 10.0
    for number in range(KNOWN_WINDOWS * WINDOW_FRAMES):
        measure(headroom, received(0.0), asked_ms, block_ms=8.0 if number % 4 == 0 else 0.0)
    assert headroom.lowest_ms == asked_ms
    assert headroom.needed_ns == pytest.approx((2.0 + 8.0 + 3.0) * MS, abs=10)  # 2 ms from the lowest to the mean
    assert headroom.surplus_ns == pytest.approx(-1 * MS, abs=10)


@pytest.mark.parametrize(
    ("lag_ms", "frames", "surplus_ms"),
    [
        (4.0, 0, 0.0), (10.0, 0, 6.0), (15.9, 0, 11.9), (16.1, 1, 2.1), (25.0, 2, 1.0),
        (1.1, 0, -2.9), (0.9, -1, 6.9), (-7.0, -2, 9.0),
    ],
)  # fmt: skip
def test_whole_frames_go_in_silence_and_the_rest_by_the_rate(lag_ms: float, frames: int, surplus_ms: float) -> None:
    headroom = known(1.0)
    assert watched(headroom, lag_ms, 1.0) == frames
    assert headroom.surplus_ns == pytest.approx(surplus_ms * MS, abs=10)
    if frames:
        assert watched(headroom, lag_ms - frames * 10, 1.0) == 0  # one correction calls for no other


def test_a_late_frame_pays_for_a_longer_lag_while_such_come_often_enough() -> None:
    headroom = known(1.0)
    watched(headroom, 14.0, 8.0)
    assert headroom.needed_ns == 11 * MS
    found = []
    for _ in range(300):
        watched(headroom, 14.0, 1.0)
        found.append(headroom.needed_ns)
    assert sorted(found, reverse=True) == found
    assert set(found) == {11 * MS, 4 * MS}
    assert 70 < found.index(4 * MS) < 90  # 7 ms pay where a frame is as late once in four minutes or sooner


@pytest.mark.parametrize(("every_windows", "pays"), [(60, True), (110, False)])
def test_ten_milliseconds_pay_where_a_frame_is_as_late_once_in_160_seconds(every_windows: int, pays: bool) -> None:
    headroom = known(1.0)
    found = []
    for number in range(600):
        watched(headroom, 20.0, 11.0 if number % every_windows == 0 else 1.0)
        found.append(headroom.needed_ns)
    assert (found[-1] == 14 * MS) == pays


def test_a_miss_makes_the_lag_three_milliseconds_longer_however_many_frames_it_takes() -> None:
    headroom = known(1.0)
    watched(headroom, 4.0, 1.0)
    for _ in range(50):
        headroom.record_miss()
        headroom.restart()
    watched(headroom, 12.0, 1.0)
    assert headroom.needed_ns == pytest.approx(7 * MS, abs=10)
    assert headroom.surplus_ns == pytest.approx(5 * MS, abs=10)


def test_the_lag_needed_has_an_end() -> None:
    for target, most_ms in ((2, MOST_MS + 3), (4, MOST_MS + 23)):
        headroom = begun(target)
        watched(headroom, 200.0, 100.0, windows=KNOWN_WINDOWS)
        assert headroom.needed_ns == most_ms * MS


def test_a_stall_makes_the_lag_no_more_than_three_milliseconds_longer() -> None:
    headroom = known(1.0)
    assert watched(headroom, 14.0, 500.0) == 0
    assert headroom.needed_ns == pytest.approx(17 * MS, abs=10)
    assert headroom.surplus_ns == pytest.approx(-3 * MS, abs=10)


def test_a_longer_target_is_added_to_what_is_needed() -> None:
    assert known(1.0, 1).needed_ns == pytest.approx(4 * MS, abs=10)
    assert known(1.0, 3).needed_ns == pytest.approx(14 * MS, abs=10)


def test_frames_of_another_machine_are_held_to_the_band_and_nothing_is_steered() -> None:
    headroom = Headroom(2)
    for _ in range(3):
        assert watched(headroom, 14.0, 1.0, windows=KNOWN_WINDOWS, far=True) == 0
    assert headroom.needed_ns is None
    assert headroom.surplus_ns == 0


def test_a_changed_queue_has_no_surplus_until_the_next_window() -> None:
    headroom = known(1.0)
    assert headroom.surplus_ns > 0
    headroom.restart()
    assert headroom.surplus_ns == 0


def test_what_a_device_takes_at_its_beginning_is_not_learnt() -> None:
    headroom = known(1.0)
    watched(headroom, 14.0, 1.0, windows=1)
    headroom.begin_run()
    watched(headroom, 14.0, 9.0)
    assert headroom.needed_ns is None
    watched(headroom, 14.0, 6.0)
    assert headroom.needed_ns == 9 * MS


def test_the_block_is_that_of_the_device_that_plays() -> None:
    headroom = known(1.0)
    for block_ms in (10.0, 2.0):
        headroom.begin_run()
        for _ in range(2 * WINDOW_FRAMES):
            measure(headroom, received(0.0), 4.0, block_ms)
        assert headroom.needed_ns == (4.0 + block_ms) * MS
        assert headroom.surplus_ns == 0


def test_the_facts_tell_the_lag_and_what_is_needed_of_it() -> None:
    headroom = begun()
    assert headroom.facts() == {"lag from tick to device": "0 ms", "lag needed": "not known yet"}
    assert known(1.0).facts() == {"lag from tick to device": "14 ms", "lag needed": "4 ms"}
