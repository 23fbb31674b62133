"""What each worker does after a sleep of the machine, and after a mere pause of its process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from common.config.tables import Settings
from common.files.paths import Paths
from common.run.wake import Wake
from common.run.worker import Worker
from workers.audio.worker import Audio
from workers.auth.worker import Auth
from workers.dashboard.worker import Dashboard
from workers.media.worker import Media
from workers.session.worker import Session
from workers.signaling.worker import Signaling

SLEPT, PAUSED = Wake(600.0, slept=True), Wake(5.0, slept=False)
Make = Callable[[type[Worker]], Any]


@pytest.fixture
async def make(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Make a worker without a bus to speak of. Its jobs are not run, and their names are in `jobs`."""
    made: list[Worker] = []

    def make(cls: type[Worker]) -> Any:
        worker: Any = cls(Paths(home), Settings())
        worker.jobs = []

        def spawn(job: Coroutine[Any, Any, Any], _: str = "") -> None:
            worker.jobs.append(job.cr_code.co_name)
            job.close()

        monkeypatch.setattr(worker, "spawn", spawn)
        made.append(worker)
        return worker

    yield make
    for worker in made:
        await worker.bus.close()


@pytest.mark.parametrize("cls", [Auth, Session, Signaling])
async def test_who_calls_playstation_takes_new_connections_after_a_sleep(make: Make, cls: type[Worker]) -> None:
    worker = make(cls)
    worker.on_wake(SLEPT)
    assert "drop_connections" in worker.jobs


async def test_signaling_verifies_its_channel_and_its_transports_after_both(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, heard = make(Signaling), []
    monkeypatch.setattr(worker._connections, "on_wake", lambda: heard.append("channel"))
    for transport in worker._transports:
        monkeypatch.setattr(transport, "on_wake", lambda *, slept: heard.append(slept))
    worker.on_wake(SLEPT)
    worker.on_wake(PAUSED)
    number = len(worker._transports)
    assert heard == ["channel", *[True] * number, "channel", *[False] * number]
    assert worker.jobs == ["drop_connections"]


async def test_media_checks_its_connections_after_a_sleep_only(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause the clock has run on, so that the usual timeouts hold."""
    worker, heard = make(Media), []
    monkeypatch.setattr(worker._roster, "on_wake", lambda slept_s, _: heard.append(slept_s))
    worker.on_wake(PAUSED)
    assert heard == []
    assert not worker._services.may_have_missed(0.0)
    worker.on_wake(SLEPT)
    assert heard == [600.0]
    assert worker._services.may_have_missed(0.0), "answers cannot have come"


async def test_session_wakes_all_that_waits(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, heard = make(Session), []
    for part, name in (("_resyncs", "reset_backoff"), ("_leaves", "wake"), ("_automatic", "on_wake")):
        monkeypatch.setattr(getattr(worker, part), name, lambda part=part: heard.append(part))
    worker.on_wake(SLEPT)
    assert heard == ["_resyncs", "_leaves", "_automatic"]


async def test_the_dashboard_lets_the_broker_beat_before_it_calls_the_bus_lost(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = make(Dashboard)
    monkeypatch.setattr("workers.dashboard.worker.boot_s", lambda: 7000.0)
    worker.on_wake(SLEPT)
    assert worker._awake_since == 7000.0


async def test_audio_lists_the_devices_again(make: Make) -> None:
    worker = make(Audio)
    worker.on_wake(SLEPT)
    assert worker.jobs == ["list_devices"]
