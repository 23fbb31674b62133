from __future__ import annotations

import pytest

from common.messages import AudioFrame
from workers.audio.mix.headroom import WINDOW_FRAMES, Headroom
from workers.audio.mix.talker_frames import MixStep, TalkerFrame


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
