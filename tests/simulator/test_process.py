"""`python -m simulator` as people and supervisord run it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from common.files.paths import Paths
from common.psn.http.endpoints import SimulatorInfo
from tests.support.processes import Process
from tests.support.waiting import eventually


def info_of(file: Path) -> dict:
    try:
        return json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}


@pytest.fixture
def file(home) -> Path:
    return Paths(home).simulator_file


def up(process: Process, file: Path) -> dict:
    def ready() -> dict:
        assert process.popen.poll() is None, process.output
        info = info_of(file)
        return info if info.get("pid") == process.popen.pid else {}

    return eventually(ready, "the simulator says where it is")


def test_it_says_where_it_is_until_it_is_asked_to_stop(start, home, file):
    process = start("simulator", home, None, "--consoles", "1")
    info = up(process, file)
    assert set(info) == set(SimulatorInfo.__struct_fields__)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    eventually(lambda: info["party_link"] in process.output and info["npsso"] in process.output, "it prints them")
    assert process.stop() == 0
    assert not file.exists()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_comes_back_on_the_port_it_had(start, home, file, end):
    process = start("simulator", home, None, "--consoles", "1")
    first = up(process, file)
    getattr(process, end)()
    again = up(start("simulator", home, None, "--consoles", "1"), file)
    assert {**again, "pid": 0} == {**first, "pid": 0}


def test_only_one_runs_in_a_home(start, home, file):
    up(start("simulator", home, None, "--consoles", "1"), file)
    second = start("simulator", home, None, "--consoles", "1")
    assert second.popen.wait(30) == 75
    assert "already running" in second.output


def test_under_supervisord_it_follows_the_settings(start, home, file):
    Paths(home).settings_file.write_text('[psn]\nrealm = "playstation"\n')
    process = start("simulator", home, None, "--managed")
    assert process.popen.wait(30) == 0
    assert "not needed" in process.output
    Paths(home).settings_file.write_text("[simulator]\nconsoles = 2\n")
    managed = start("simulator", home, None, "--managed")
    info = up(managed, file)
    eventually(lambda: '"consoles": 2' in managed.output, "it says how many consoles it has")
    assert info["npsso"] not in managed.output


def test_settings_that_cannot_be_used_are_told(start, home):
    Paths(home).settings_file.write_text("[simulator]\nconsoles = 99\n")
    process = start("simulator", home, None, "--managed")
    assert process.popen.wait(30) == 78
    assert "99 consoles" in process.output
