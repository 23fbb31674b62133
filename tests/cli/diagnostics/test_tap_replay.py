"""A recording is printed as the tap would have printed it: filtered, in its time, with what happened to the link."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.diagnostics.tap_notes import LinkLost
from cli.diagnostics.tap_replay import LONGEST_WAIT_S, Pace, head
from tests.cli.diagnostics.test_bus_recording import ABOUT, recorded
from tests.cli.shared.bus_states import received
from tests.support.made import health, peer_state


def test_a_pace_waits_for_the_moments_of_the_recording() -> None:
    slept: list[float] = []
    now = [100.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    for speed in (1.0, 4.0, 0.0):
        pace = Pace(speed, lambda: now[0], sleep)
        for moment in (0.0, 2.0, 2.0, 10.0, 9.0):
            pace.until(moment)
    assert slept == [2.0, 8.0, 0.5, 2.0]
    Pace(1.0, lambda: 0.0, slept.append).until(1e9)
    assert slept[-1] == LONGEST_WAIT_S


def test_it_says_whose_clock_it_was() -> None:
    assert "of spare" in head(ABOUT)
    assert "1.500 s ahead of" in head(ABOUT)


def test_it_is_printed_with_the_taps_own_filters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x"
    recorded(file, received(peer_state()), LinkLost(at=6.0), received(health("media")))
    words = ["tap", "--replay", str(file), "--speed", "0"]
    assert main([*words, "--json"]) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["topic"].partition("/")[0] for line in out.splitlines()] == ["peer.state", "worker.health"]
    assert "The link to spare is lost" in err
    assert main([*words, "peer.state"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main([*words, "--record", "y"]) == 2
    assert main(["tap", "--replay", str(file), "--speed", "-1"]) == 2
