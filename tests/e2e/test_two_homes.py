"""Two homes side by side, from one checkout: what is done to one never touches the other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.shared.supervisor import find
from common.files.paths import Paths
from tests.support.processes import free_port, short_folder
from tests.support.waiting import eventually

LIMIT_S = 90
ODD = "Söhne #2 100% 'R&D' 🎮"


@dataclass
class OneHome:
    paths: Paths
    port: int

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
        own = {"PARTYLINE_HOME": str(self.paths.home), "PARTYLINE_DASHBOARD__PORT": str(self.port)}
        own["PARTYLINE_AUDIO__SINK"] = "null"
        return subprocess.run(
            [sys.executable, "-P", "-m", "cli", *words], cwd="/", env={**clean, **own}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        done = self.run("status", "--json")
        found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        return found

    def pids(self) -> dict[str, int]:
        return {one["worker"]: one["pid"] for one in self.status().get("workers", [])}

    def heard(self) -> set[str]:
        return {one["online_id"] for one in self.status().get("peers", []) if one["heard_s"] > 0}

    def end(self) -> None:
        if find(self.paths) is not None:
            os.kill(int((self.paths.run / "supervisord.pid").read_text()), signal.SIGTERM)
            eventually(lambda: find(self.paths) is None, "the pipeline has ended")


@pytest.fixture
def homes(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OneHome, OneHome]]:
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    with short_folder() as folder:
        made = OneHome(Paths(folder / "a"), free_port()), OneHome(Paths(folder / ODD), free_port())
        try:
            yield made
        finally:
            for home in made:
                home.end()


@pytest.mark.alone
def test_two_pipelines_at_once_never_touch_each_other(homes: tuple[OneHome, OneHome]) -> None:
    one, other = homes
    for home in homes:
        started = home.run("up")
        assert started.returncode == 0, started.stdout + started.stderr
    for home in homes:
        eventually(lambda home=home: len(home.heard()) >= 2, "voices are heard", LIMIT_S, 0.5)
    before = one.pids(), other.pids()
    assert not set(before[0].values()) & set(before[1].values())

    assert other.run("restart", "media").returncode == 0
    assert one.pids() == before[0]
    eventually(lambda: other.pids().get("media", 0) not in {0, before[1]["media"]}, "the other's media is a new one")

    assert other.run("down").returncode == 0
    assert one.pids() == before[0]
    assert other.run("down").returncode == 3
    assert one.pids() == before[0]
    logs = [sorted(file.name for file in home.paths.log.glob("*.log")) for home in homes]
    assert logs[0] == logs[1]
    assert "broker.log" in logs[0]
    assert one.run("down").returncode == 0


def test_the_configuration_of_a_home_is_written_when_it_changes_only(tmp_path: Path) -> None:
    from cli.pipeline.launch import prepare  # noqa: PLC0415  # this test alone
    from cli.shared.supervisor import conf_file  # noqa: PLC0415

    paths = Paths(tmp_path / "home")
    conf = conf_file(paths)
    prepare(conf, paths)
    first = conf.stat().st_mtime_ns, conf.read_bytes()
    prepare(conf, paths)
    assert (conf.stat().st_mtime_ns, conf.read_bytes()) == first
    conf.write_text("changed")
    prepare(conf, paths)
    assert conf.read_bytes() == first[1]
