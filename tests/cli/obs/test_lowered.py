"""A game that was left lowered by a pipeline that is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.__main__ import main
from cli.obs.lowered import give_back_lines
from common.files.paths import Paths
from common.obs.judge.lowering import FILTER, GAIN
from common.obs.memory import MadeFilter, ObsMemoryFile
from tests.cli.obs.fake_obs import FakeObs, fake_obs_apart
from tests.support.processes import free_port


def left_lowered(obs: FakeObs, paths: Paths, gain_db: float = -12.0, kind: str = GAIN) -> None:
    paths.make()
    obs.add("Game", "ffmpeg_source")
    obs.filters["Game", FILTER] = {"filterName": FILTER, "filterKind": kind, "filterSettings": {"db": gain_db}}
    ObsMemoryFile(paths.state / "obs.json").change(filters=(MadeFilter("Game", FILTER),))


def gain(obs: FakeObs) -> float:
    return float(obs.filters["Game", FILTER]["filterSettings"]["db"])


def test_down_gives_the_game_its_volume_back_though_no_pipeline_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    with fake_obs_apart() as obs:
        monkeypatch.setenv("PARTYLINE_OBS__PORT", str(obs.port))
        left_lowered(obs, Paths(tmp_path))
        assert main(["down"]) == 3
        assert gain(obs) == 0.0
        assert "“Game” was still lowered in OBS. It has its volume again." in capsys.readouterr().out
        assert main(["down"]) == 3
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("gain_db", "kind"), [(0.0, GAIN), (-12.0, "compressor_filter")])
def test_what_is_not_lowered_by_our_gain_filter_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gain_db: float, kind: str
) -> None:
    with fake_obs_apart() as obs:
        monkeypatch.setenv("PARTYLINE_OBS__PORT", str(obs.port))
        left_lowered(obs, Paths(tmp_path), gain_db, kind)
        assert give_back_lines(Paths(tmp_path)) == []
        assert gain(obs) == gain_db


def test_an_obs_that_is_not_there_is_not_waited_for_and_one_that_we_never_lowered_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTYLINE_OBS__PORT", str(free_port()))
    paths = Paths(tmp_path)
    paths.make()
    ObsMemoryFile(paths.state / "obs.json").change(filters=(MadeFilter("Game", FILTER),))
    assert give_back_lines(paths) == []
    ObsMemoryFile(paths.state / "obs.json").change(filters=())
    with fake_obs_apart() as obs:
        monkeypatch.setenv("PARTYLINE_OBS__PORT", str(obs.port))
        assert give_back_lines(paths) == []
        assert obs.asked == []
