"""The workers that a listener needs, a mix, and both browsers on the other machine."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machines.listening import mix_score, mix_sender
from benchmarks.machines.listening.bad_cable import HERE, WITHIN
from benchmarks.machines.listening.mix_score import MixWindow
from common.bus import Bus
from common.config.pages import load_keys
from common.files.paths import Paths
from common.requests import MakeListenLink
from tests.support.processes import COLD, Process, free_port, short_folder
from tests.support.soundserver import Recorder, SoundServer
from tests.support.waiting import eventually

SINKS = {"webrtc": "by_webrtc", "websocket": "by_websocket"}
WORKERS = ("broker", "dashboard", "webrtc")


class ListeningHome:
    """A home with the workers that it takes, reached at one end of the cable."""

    def __init__(self, home: Path) -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.port = free_port()
        self._env = {"PARTYLINE_DASHBOARD__PORT": str(self.port), "PARTYLINE_DASHBOARD__LISTEN": "0.0.0.0", **COLD}
        self.processes: dict[str, Process] = {}
        for name in WORKERS:
            self.start(name)
        eventually(self._answers, "the workers run", 60, every_s=0.5)
        self.key = load_keys(self.paths).read

    def _answers(self) -> bool:
        return all('"state": "running"' in process.output for process in self.processes.values())

    def start(self, name: str) -> None:
        self.processes[name] = Process(f"workers.{name}", self.paths.home, self._env)

    def address(self, way: str) -> str:
        """Return the page's address: by a listen link over http, or with a key over https."""
        if way == "webrtc":
            return f"http://{HERE}:{self.port}{asyncio.run(self._link())}"
        return f"https://{HERE}:{self.port}/obs-audio?key={self.key}&via={way}"

    async def _link(self) -> str:
        bus = Bus("cli", self.paths.run)
        await bus.start()
        try:
            return (await bus.request(MakeListenLink())).path
        finally:
            await bus.close()

    def cpu_s(self, name: str = "webrtc") -> float:
        fields = Path(f"/proc/{self.processes[name].popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        for process in reversed(self.processes.values()):
            process.end()


@contextmanager
def listening_home() -> Iterator[ListeningHome]:
    with short_folder() as home:
        made = ListeningHome(home)
        try:
            yield made
        finally:
            made.close()


class SentMix:
    """The mix while it is sent."""

    def __init__(self, run: Path, seconds: float, ppm: float = 0.0) -> None:
        self.seconds, self.ppm = seconds, ppm
        words = (sys.executable, "-m", "benchmarks.machines.listening.mix_sender", str(run), str(seconds), str(ppm))
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.began_s = float(self.process.stdout.readline())

    def wait_until(self, at_s: float) -> None:
        time.sleep(max(0.0, self.began_s + at_s - time.monotonic()))

    def score(self, recorder: Recorder) -> list[MixWindow]:
        found = recorder.recording()
        return mix_score.windows(
            mix_sender.sound(self.seconds), found.samples, self.began_s - found.started_ns / 1e9, self.ppm
        )


class ListeningPair:
    """Both browsers on the other machine."""

    def __init__(self, made: ListeningHome, server: SoundServer) -> None:
        self._processes = {
            way: subprocess.Popen(
                (*WITHIN, sys.executable, "-m", "benchmarks.machines.listening.playing_page", made.address(way)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**server.environment(), "PULSE_SINK": sink},
            )
            for way, sink in SINKS.items()
        }

    def look(self) -> dict[str, dict[str, Any]]:
        return {way: _looked(process) for way, process in self._processes.items()}

    def close(self) -> None:
        for process in self._processes.values():
            process.communicate(timeout=30)


def _looked(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


@contextmanager
def far_pages(made: ListeningHome, server: SoundServer) -> Iterator[ListeningPair]:
    opened = ListeningPair(made, server)
    try:
        eventually(lambda: all(page["link"] == "open" for page in opened.look().values()), "both play", 60, every_s=0.5)
        yield opened
    finally:
        opened.close()
