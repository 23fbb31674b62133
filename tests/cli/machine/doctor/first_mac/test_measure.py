"""What `--first-mac` measures with a made-up PortAudio, and what it keeps."""

from __future__ import annotations

import json

import pytest

from cli import __main__ as entry
from cli.machine.doctor.first_mac import keep
from cli.machine.doctor.first_mac.measure import measure
from cli.machine.doctor.first_mac.measured import FirstMacRun, Stream, Ticks, answers, latencies
from common.errors import PartylineError
from common.files.paths import Paths
from tests.cli.machine.doctor.clean import clean_mac
from tests.cli.machine.doctor.faults.software import SOUNDDEVICE, WHEEL
from tests.cli.machine.doctor.stage import stage

STREAM = """
import threading, time
import numpy as np
class OutputStream:
    '''A host buffer as pa_mac_core.c chooses it: the asked latency less the fixed one, at least 15 frames.'''
    def __init__(self, *, samplerate, device, latency, callback, channels, **_):
        self.frames = max(15, int(samplerate * (latency - FIXED[device])))
        self.latency, self._callback, self._out = latency, callback, np.ones((self.frames, channels), np.float32)
    def __enter__(self):
        for _ in range(50):
            self._callback(self._out, self.frames, None, None)
        assert not self._out.any(), 'silence'
    def __exit__(self, *_): pass
real = query_devices
def query_devices(number=None): return real() if number is None else real()[number]
"""


def test_the_host_buffer_of_each_output_is_measured_as_asked_and_with_room(monkeypatch) -> None:
    monkeypatch.setattr("cli.machine.doctor.first_mac.measure.SILENCE_S", 0.01)
    monkeypatch.setattr("cli.machine.doctor.first_mac.measure.AWAKE_S", 0.01)
    monkeypatch.setattr("cli.machine.doctor.first_mac.measure.TICKS", 20)
    told: list[str] = []
    with stage() as here:
        changes = clean_mac(here)
        devices = [("MacBook Air Speakers", 24.4167), ("BlackHole 2ch", 0.0)]
        source = SOUNDDEVICE.format(library=WHEEL, default=0, devices=devices) + "FIXED = [0.0231, 0.0]\n" + STREAM
        here.module("sounddevice", source)
        holder = "pid 199(coreaudiod): [0x0001] 00:00:01 PreventUserIdleSystemSleep named: x"
        here.tool("pmset", f'if [ -e {here.folder}/asked ]; then echo "   {holder}"; fi; touch {here.folder}/asked')
        here.tool("scutil", "echo Quentins-Air")
        run = measure(here.around(**changes), told.append)
    assert run.faults == {}
    assert [(one.device, one.frames) for one in run.streams] == [
        ("MacBook Air Speakers", 15),
        ("MacBook Air Speakers", 479),
        ("BlackHole 2ch", 960),
    ]
    assert "Outputs" in told
    said = dict(answers(run))
    assert said["Host buffer"] == "too small on MacBook Air Speakers (15 frames at 20 ms)"
    assert said["Keychain"].startswith("a value came back in ")
    assert "gethostname says" in said["Name in the local network"]
    assert run.system == "macOS 26.1"
    assert "devices" in said["CoreAudio"]


@pytest.mark.parametrize(
    ("low_ms", "tried"), [(0.0, (20.0,)), (11.0, (20.0,)), (24.4167, (20.0, 33.08)), (161.33, (20.0, 170.0))]
)
def test_a_second_latency_is_tried_where_the_fixed_one_leaves_no_room(low_ms, tried) -> None:
    assert latencies(20.0, low_ms) == tried


def test_who_keeps_the_machine_awake_only_while_silence_plays_is_named() -> None:
    stream = Stream(device="x", asked_ms=20, frames=480)
    before = {"PreventUserIdleSystemSleep": ("powerd",)}
    during = {"PreventUserIdleSystemSleep": ("powerd", "coreaudiod")}
    run = FirstMacRun(at=0, system="", streams=(stream,), holders_before=before, holders_in_silence=during)
    assert dict(answers(run))["Kept awake by silence"] == "a silent stream keeps the machine awake (coreaudiod)"
    run = FirstMacRun(at=0, system="", streams=(stream,), holders_before=during, holders_in_silence=during)
    assert dict(answers(run))["Kept awake by silence"] == "a silent stream keeps nothing awake"


def test_the_other_answers() -> None:
    lan = {"tried": [{"fault": "EHOSTUNREACH"}, {"fault": ""}]}
    ticks = Ticks(p50_ms=0.1, p99_ms=9.0, worst_ms=20.0)
    run = FirstMacRun(at=0, system="", ticks=ticks, media_tick_late_ms="1.5", lan=lan, over_ssh=True, slept_s=60.4)
    said = dict(answers(run))
    assert said["Tick lateness"].startswith("late: 0.1 ms usually, 9 ms at p99, 20 ms once; media says 1.5 ms")
    assert said["Local network"] == "EHOSTUNREACH, went out over ssh"
    assert said["Clocks in sleep"] == "time.monotonic stood still for 60 s, CLOCK_MONOTONIC did not"
    assert "close the lid" in dict(answers(FirstMacRun(at=0, system="")))["Clocks in sleep"]


def test_runs_are_kept_the_latest_twenty(tmp_path) -> None:
    for number in range(keep.MOST + 2):
        place = keep.keep(Paths(tmp_path), FirstMacRun(at=number, system="x"))
    kept = json.loads(place.read_bytes())
    assert kept["format"] == 1
    assert [run["at"] for run in kept["runs"]] == list(range(2, keep.MOST + 2))


def test_a_file_of_another_version_is_begun_anew_and_a_disk_that_refuses_is_told(tmp_path) -> None:
    place = keep.place_of(Paths(tmp_path))
    place.parent.mkdir()
    place.write_text('{"runs": 5}')
    keep.keep(Paths(tmp_path), FirstMacRun(at=1, system="x"))
    assert json.loads(place.read_bytes())["runs"][0]["at"] == 1
    with pytest.raises(PartylineError, match="cannot be kept"):
        keep.keep(Paths(place), FirstMacRun(at=1, system="x"))


def test_the_command_prints_the_answers_and_where_they_are(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    run = FirstMacRun(at=0, system="macOS 26.1")
    monkeypatch.setattr("cli.machine.doctor.doctor.measure", lambda *_: run)
    assert entry.main(["doctor", "--first-mac"]) == 0
    out = capsys.readouterr().out
    assert "Host buffer" in out
    assert str(tmp_path / "log" / "first-mac.json") in out
    assert entry.main(["doctor", "--first-mac", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["system"] == "macOS 26.1"
