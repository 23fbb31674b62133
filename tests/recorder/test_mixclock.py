"""The mix is in step with the talkers, and without a seam where there is sound."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from common.messages import FRAME_SAMPLES
from tests.recorder.rig import TICK_NS, frame
from workers.recorder.mixclock import TOLERATED, URGENT, MixClock
from workers.recorder.timeline import position

ORIGIN = 1_000_000_000


def placed(
    clock: MixClock, ticks: range, due: Callable[[int], float], silent: Callable[[int], bool]
) -> list[tuple[int, int | None]]:
    """Return (tick, position) of each frame."""
    return [(n, clock.place(frame("mix", n, round(due(n)), "a1"), silent=silent(n))) for n in ticks]


@pytest.mark.parametrize("ppm", [-500, 200])
def test_an_hour_of_a_drifting_device_stays_in_step_and_is_only_cut_in_pauses(ppm: int) -> None:
    jitter = np.random.default_rng(3).uniform(-15e6, 15e6, 360_000)
    pause = lambda n: n % 1000 >= 900  # one second of silence in ten  # noqa: E731

    def due(n: int) -> float:
        return ORIGIN + n * TICK_NS * (1 + ppm / 1e6)

    found = placed(MixClock(ORIGIN), range(360_000), lambda n: due(n) + jitter[n], pause)
    kept = [(n, at) for n, at in found if at is not None]
    assert all(pause(n) for n, at in found if at is None)  # no frame with sound in it is left out
    for (n, at), (_, after) in pairwise(kept):
        assert after >= at + FRAME_SAMPLES
        assert after == at + FRAME_SAMPLES or pause(n) or pause(n + 1)
    off = [abs(at - position(round(due(n)), ORIGIN)) for n, at in kept[1000:]]
    assert max(off) < TOLERATED + 4 * FRAME_SAMPLES  # 50 ms


def test_without_any_pause_it_is_mended_in_the_midst_of_sound_but_seldom():
    found = placed(MixClock(ORIGIN), range(120_000), lambda n: ORIGIN + n * TICK_NS * 1.0005, lambda _: False)
    kept = [at for _, at in found]
    seams = [after - at - FRAME_SAMPLES for at, after in pairwise(kept) if after != at + FRAME_SAMPLES]
    assert seams == pytest.approx([URGENT] * 5, rel=0.1)  # 600 ms in 20 minutes


def test_a_burst_after_a_late_callback_leaves_no_seam():
    def due(n: int) -> float:
        return ORIGIN + (n * TICK_NS if not 50 <= n < 70 else 70 * TICK_NS)

    found = placed(MixClock(ORIGIN), range(400), due, lambda _: False)
    assert [at for _, at in found] == list(range(0, 400 * FRAME_SAMPLES, FRAME_SAMPLES))


def test_frames_that_were_lost_leave_their_place_empty():
    clock = MixClock(ORIGIN)
    found = placed(clock, range(5), lambda n: ORIGIN + n * TICK_NS, lambda _: False)
    found += placed(clock, range(8, 10), lambda n: ORIGIN + n * TICK_NS, lambda _: False)
    assert [at for _, at in found] == [n * FRAME_SAMPLES for n in (0, 1, 2, 3, 4, 8, 9)]
    assert clock.missed == 3


def test_a_sink_that_stood_still_and_a_new_audio_go_on_at_their_time():
    clock = MixClock(ORIGIN)
    placed(clock, range(5), lambda n: ORIGIN + n * TICK_NS, lambda _: False)
    ((_, at),) = placed(clock, range(5, 6), lambda _: ORIGIN + 300 * TICK_NS, lambda _: False)
    assert at == 300 * FRAME_SAMPLES
    restarted = frame("mix", 0, ORIGIN + 500 * TICK_NS, "a2")
    assert clock.place(restarted, silent=False) == 500 * FRAME_SAMPLES
