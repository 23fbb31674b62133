"""A real OBS gets the voices: what OBS itself recorded is compared with what was spoken."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from common.messages import PeerState
from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.obs.recording import Recorded, ask, record
from tests.obs.studio import Studio, studio
from tests.processes import eventually
from tests.soundserver import SINK, SoundServer

CORRELATION = 0.9
TALKERS = 2


@dataclass
class Stage:
    """A party that is heard, and an OBS beside it."""

    pipeline: Pipeline
    control: Control
    obs: Studio

    def recorded(self) -> tuple[Recorded, list[heard.Match]]:
        since = time.monotonic_ns()

        def spoken() -> bool:
            found = heard.finished(self.control, since, time.monotonic_ns())
            return len({one.peer for one in found}) >= TALKERS

        recorded = record(self.obs, spoken, f"{TALKERS} talkers spoke alone")
        return recorded, heard.lone_matches(recorded.samples, recorded.started_ns, self.control)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with SoundServer() as server, studio(server.env) as obs, pipeline({**server.env, **obs.env}) as made:
        made.start()
        control = Control.of(made.paths.simulator_file)
        eventually(
            lambda: any(peer.connection == "connected" for peer in made.state().all(PeerState)), "somebody is connected"
        )
        ask(obs, "SetInputMute", inputName="Desktop Audio", inputMuted=True)  # it would carry the voices too
        yield Stage(made, control, obs)


def inputs(stage: Stage) -> set[str]:
    return {entry["inputName"] for entry in ask(stage.obs, "GetInputList")["inputs"]}


def test_an_obs_without_browser_sources_is_said_to_be_one(stage: Stage) -> None:
    before = inputs(stage)
    done = stage.pipeline.partyline("obs", "setup")
    assert done.returncode == 1
    assert "no Browser Source" in done.stderr
    assert "--device NAME" in done.stderr
    assert inputs(stage) == before


def test_a_device_that_obs_does_not_see_leaves_nothing_behind(stage: Stage) -> None:
    before = inputs(stage)
    done = stage.pipeline.partyline("obs", "setup", "--device", "BlackHole")
    assert done.returncode == 1
    assert "brew install blackhole-2ch" in done.stderr
    assert SINK in done.stderr
    eventually(lambda: inputs(stage) == before, "OBS has let the source go")


def test_obs_records_the_voices_from_the_device(stage: Stage) -> None:
    done = stage.pipeline.partyline("obs", "setup", "--device", SINK)
    assert done.returncode == 0, done.stderr
    monitored = ask(stage.obs, "GetInputAudioMonitorType", inputName="partyline device")
    assert monitored["monitorType"] == "OBS_MONITORING_TYPE_NONE"
    _, matches = stage.recorded()
    assert len({match.utterance.peer for match in matches}) >= TALKERS
    assert min(match.correlation for match in matches) >= CORRELATION, matches


def test_status_tells_that_obs_hears_them_and_a_second_setup_changes_nothing(stage: Stage) -> None:
    before = inputs(stage)
    assert "is right as it is" in stage.pipeline.partyline("obs", "setup", "--device", SINK).stdout
    assert inputs(stage) == before
    eventually(lambda: "dBFS" in stage.pipeline.partyline("obs", "status").stdout, "sound reaches OBS")


def test_remove_takes_out_what_is_ours_and_nothing_else(stage: Stage) -> None:
    ask(
        stage.obs,
        "CreateInput",
        sceneName="Scene",
        inputName="partyline voices",
        inputKind="color_source_v3",
        inputSettings={},
    )
    done = stage.pipeline.partyline("obs", "remove")
    assert "partyline device" in done.stdout
    eventually(lambda: "partyline device" not in inputs(stage), "OBS has let the source go")
    assert "partyline voices" in inputs(stage)
