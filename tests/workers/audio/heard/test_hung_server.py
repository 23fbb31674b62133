"""A sound server that accepts and never answers: audio goes on without it, and takes it up when it answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from common.bus import Bus
from common.files.paths import Paths
from common.messages import MixerState, Problem
from tests.support.processes import Process, short_folder
from tests.support.waiting import PATIENCE_S


@contextmanager
def silent() -> Iterator[str]:
    """Listen like a sound server, and never say anything."""
    with short_folder() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "native"))
        server.listen(64)
        yield f"unix:{folder / 'native'}"


async def test_the_mix_goes_on_and_the_problem_is_told_after_a_hang(home: Path, start: Callable[..., Process]) -> None:
    start("workers.broker", home)
    bus = Bus("test", Paths(home).run)
    await bus.start()
    seen = bus.subscribe(MixerState, Problem)
    with silent() as server:
        env = {"PULSE_SERVER": server, "PARTYLINE_AUDIO__SINK": "device", "PARTYLINE_AUDIO__DEVICE": "pulse"}
        assert start("workers.audio", home, env).popen.wait(PATIENCE_S) == 1
        second = start("workers.audio", home, env)
        told = mixed = None
        async with asyncio.timeout(PATIENCE_S):
            while told is None or mixed is None:
                got = (await anext(seen)).message
                if isinstance(got, Problem) and got.code == "audio.no-device":
                    told = got
                if isinstance(got, MixerState) and got.sink == "null":
                    mixed = got
        assert "does not answer" in told.message
        assert mixed.wanted_sink == "device"
        assert second.popen.poll() is None
    await bus.close()
