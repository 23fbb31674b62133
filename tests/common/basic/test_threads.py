"""Work in a thread: what it returns and raises comes back, and one that hangs is not waited for."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from common.basic.threads import in_thread

ROOT = Path(__file__).parents[3]


async def test_what_it_returns_and_raises_comes_back() -> None:
    assert await in_thread(lambda: threading.current_thread().name, name="work", wait_s=30.0) == "work"

    def fails() -> None:
        raise KeyError("it")

    with pytest.raises(KeyError):
        await in_thread(fails, name="work", wait_s=30.0)


async def test_one_that_hangs_is_left_to_itself_and_its_late_answer_harms_nobody() -> None:
    free = threading.Event()
    with pytest.raises(TimeoutError):
        await in_thread(lambda: free.wait(30), name="hangs", wait_s=0.01)
    thread = next(thread for thread in threading.enumerate() if thread.name == "hangs")
    assert thread.daemon
    free.set()
    await asyncio.to_thread(thread.join, 30)
    assert not thread.is_alive()


def test_an_answer_after_the_loops_end_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    free, faults = threading.Event(), []
    monkeypatch.setattr(threading, "excepthook", faults.append)

    async def ask() -> None:
        with pytest.raises(TimeoutError):
            await in_thread(lambda: free.wait(30), name="outlives", wait_s=0.01)

    asyncio.run(ask())
    thread = next(thread for thread in threading.enumerate() if thread.name == "outlives")
    free.set()
    thread.join(30)
    assert faults == []


def test_nobody_has_a_helper_of_their_own_for_that() -> None:
    names = (
        "common/basic/threads.py",
        "common/basic/loop.py",  # name lookups have threads of their own
        "workers/dashboard/listen/audio_sources.py",  # it hears a stream
        "workers/webrtc/sound/sound_stream.py",  # it hears the mix or a talker
        "workers/recorder/clip/clip_control.py",  # it asks the thread that keeps the last seconds
    )
    mine = {ROOT / name for name in names}
    files = [file for folder in ("common", "workers", "cli") for file in (ROOT / folder).rglob("*.py")]
    assert {file for file in files if "call_soon_threadsafe" in file.read_text("utf-8")} == mine
