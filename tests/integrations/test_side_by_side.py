"""Integrations side by side: one that fails is told, tried again, and stops no other."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
import structlog

from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from integrations import catalogue, side_by_side
from integrations.catalogue import Around
from integrations.client.access import ApiAccess


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(find=lambda: ApiAccess("http://here", "k"), settings=Settings(), paths=Paths(tmp_path))


@pytest.mark.parametrize(("error", "told"), [
    (PartylineError("No port.", "Choose another."), {"error": "No port.", "remedy": "Choose another."}),
    (RuntimeError("bug"), {"event": "failed"}),
    (None, {"event": "ended by itself"}),
])  # fmt: skip
async def test_one_that_fails_is_told_and_tried_again(around: Around, error: Exception | None, told: dict) -> None:
    tries, again = 0, asyncio.Event()

    async def run(_: Around) -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            again.set()
            await asyncio.Event().wait()
        if error is not None:
            raise error

    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(side_by_side.keep_running("osc", around, lambda _: run, waits_s=(0.0,)))
        async with asyncio.timeout(30):
            await again.wait()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert len(logs) == 1
    assert told.items() <= logs[0].items()


async def test_the_others_go_on(around: Around) -> None:
    began = asyncio.Event()

    async def fails(_: Around) -> None:
        raise PartylineError("no")

    async def goes_on(_: Around) -> None:
        began.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(
        side_by_side.run_all(("bad", "good"), around, lambda name: fails if name == "bad" else goes_on)
    )
    async with asyncio.timeout(30):
        await began.wait()
    await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("name", catalogue.WORDS)
def test_each_of_the_catalogue_is_there_and_told(name: str) -> None:
    assert asyncio.iscoroutinefunction(catalogue.load(name))
    notes = Path(__file__).parents[2] / "notes" / "integrations"
    assert (notes / f"{name}.md").is_file()
    assert f"]({name}.md)" in (notes / "README.md").read_text("utf-8")
