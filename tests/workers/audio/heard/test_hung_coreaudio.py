"""coreaudiod that does not answer: the worker beats on, serves and mixes, and says so."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from common.messages import MixerState, Problem, WorkerHealth
from common.requests import SetMaster
from tests.support import mac
from tests.support.waiting import until
from tests.workers.audio.heard.hearing import levels
from tests.workers.audio.rig import Home, Talkers, Watcher, babble, peer, watching

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(not mac.can_build(), reason="needs Linux and a C compiler"),
]

PROBLEM = "audio.audio.sound-system"
MOST_BEAT_S = 4.0
"""A beat is due each second. A question to this CoreAudio takes 20 s."""


def buffer(watcher: Watcher) -> str:
    health = watcher.now(WorkerHealth, "audio")
    return health.facts.get("device buffer", "") if health else ""


async def test_beats_levels_and_requests_go_on_while_coreaudio_hangs(tmp_path: Path) -> None:
    with Home({"FAKE_MAC": str(tmp_path), "FAKE_FIXED": "408"}, sink="device") as home:
        async with watching(home) as watcher:
            home.start_module("tests.support.mac.audio_worker")
            await watcher.sees("it plays", lambda w: (s := w.now(MixerState)) and s.sink == "device")
            await watcher.sees("its buffer", lambda w: buffer(w) == "552 samples")
            with Talkers(home.paths.run, {peer(1): babble(60.0)}):
                await watcher.sees("levels", levels)
                (tmp_path / "hang").touch()
                began = time.monotonic()
                beats = [watcher.now(WorkerHealth, "audio")]

                async def served_until_told() -> bool:
                    await watcher.bus.request(SetMaster(gain_db=-6.0))
                    beats.append(watcher.now(WorkerHealth, "audio"))
                    return watcher.now(Problem, PROBLEM) is not None

                await until(served_until_told, "it is told", every_s=0.1)
                hung_s = time.monotonic() - began
                watcher.latest.pop("audio.levels/", None)
                await watcher.sees("levels", levels)
                (tmp_path / "hang").unlink()
                await watcher.sees("it is over", lambda w: w.now(Problem, PROBLEM) is None)
    seen = sorted({beat.beat_s for beat in beats if beat is not None})
    assert hung_s > 4.5
    assert len(seen) >= 3
    assert max(later - before for before, later in pairwise(seen)) < MOST_BEAT_S
