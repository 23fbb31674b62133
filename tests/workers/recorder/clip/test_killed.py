"""A clip that was answered for outlives whatever happens to the recorder after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.bus import Bus
from common.files.paths import Paths
from common.requests import KeepClip, SaveClip
from tests.support.made import BO, CLEO
from tests.support.processes import COLD, Process
from tests.support.waiting import until
from tests.workers.recorder.rig import Plane, Start, counting, decoded, heard


@pytest.mark.realtime
async def test_kill_9_after_the_answer_loses_nothing_and_the_next_run_makes_the_copies(
    home: Path, start: Start
) -> None:
    start("workers.broker", home)
    recorder: Process = start("workers.recorder", home, COLD)
    bus = Bus("test", Paths(home).run)
    await bus.start()
    with Plane(Paths(home).run, counting([BO.peer, CLEO.peer])) as plane:
        await bus.request(KeepClip(seconds=30), 30)
        begun = plane.ticks
        await until(lambda: plane.ticks > begun + 150, "1.5 s were said")
        asked = plane.ticks
        clip = Path((await bus.request(SaveClip(), 30)).folder)
        recorder.kill()
    for account in (BO.account_id, CLEO.account_id):
        said = heard(decoded(clip / f"{account}.flac"))
        assert max(said) > asked - 2, "up to the moment that it was asked for"
        assert len(said) > 140
    (clip / "clip.m4a").unlink(missing_ok=True)  # where it was quick
    start("workers.recorder", home, COLD)
    await until((clip / "clip.m4a").exists, "the next run makes the copy")
    await bus.close()
