"""The process of a further output: started again however it ends, and killed when it says nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.waiting import until
from workers.audio.play.outputs import player_process as module
from workers.audio.play.outputs.lines import HUNG, PlayerOrder
from workers.audio.play.outputs.player_process import PlayerProcess

ORDER = PlayerOrder(device="BlackHole")
CHILD = """
import json, os, sys
from pathlib import Path
starts = Path(sys.argv[1]) / "starts"
with starts.open("a") as file:
    file.write(" ".join(sys.argv[2:]) + "\\n")
for line in sys.stdin:
    gain = json.loads(line)["gain_db"]
    {act}
    print(json.dumps({{"device": "BlackHole", "phase": "playing", "age_ms": gain}}), flush=True)
"""


@contextlib.asynccontextmanager
async def running(folder: Path, act: str = "pass") -> AsyncIterator[PlayerProcess]:
    command = (sys.executable, "-S", "-c", CHILD.format(act=act))
    player = PlayerProcess("obs", folder, ORDER, lambda: None, command)
    task = asyncio.create_task(player.run())
    try:
        yield player
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert player.pid is None


def starts(folder: Path) -> list[str]:
    file = folder / "starts"
    return file.read_text().splitlines() if file.exists() else []


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_WAIT_S", 0.01)


def says(player: PlayerProcess, age_ms: float) -> Callable[[], bool]:
    return lambda: player.report is not None and player.report.age_ms == age_ms


async def test_it_gets_its_order_at_the_start_and_each_change(tmp_path: Path) -> None:
    async with running(tmp_path) as player:
        await until(says(player, 0.0), "it reports")
        player.send(PlayerOrder(device="BlackHole", gain_db=-3))
        await until(says(player, -3.0), "it got the order")
        assert starts(tmp_path) == [""]


async def test_a_process_that_is_killed_is_replaced_and_gets_the_newest_order(tmp_path: Path) -> None:
    async with running(tmp_path) as player:
        await until(says(player, 0.0), "it reports")
        player.send(PlayerOrder(device="BlackHole", gain_db=-3))
        await until(says(player, -3.0), "it got the order")
        before = player.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        await until(lambda: player.pid not in (None, before) and player.report is not None, "another one reports")
        assert says(player, -3.0)()
        assert player.ended == ""


async def test_how_it_ended_is_told_until_the_next_one_reports(tmp_path: Path) -> None:
    async with running(tmp_path, "sys.exit(5)") as player:
        await until(lambda: player.ended == "it failed (exit code 5)", "its end is told")
        assert player.report is None
        await until(lambda: len(starts(tmp_path)) >= 3, "it is started again")
        assert set(starts(tmp_path)) == {""}


async def test_after_a_hang_the_device_has_to_answer_first(tmp_path: Path) -> None:
    async with running(tmp_path, f"'--must-answer' in sys.argv or sys.exit({HUNG})") as player:
        await until(says(player, 0.0), "it reports")
        assert starts(tmp_path) == ["", "--must-answer"]


async def test_a_process_without_a_report_is_killed_and_counts_as_hung(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT_S", 1)
    act = "'--must-answer' in sys.argv or __import__('time').sleep(600)"
    async with running(tmp_path, act) as player:
        await until(lambda: player.ended == "its sound device or server did not answer", "it is killed")
        await until(says(player, 0.0), "it reports")


async def test_one_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    player = PlayerProcess("obs", tmp_path, ORDER, lambda: None, (str(tmp_path / "nothing"),))
    task = asyncio.create_task(player.run())
    await until(lambda: player.ended.startswith("it cannot be started"), "that is told")
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
