"""A real OBS gets the voices: what OBS itself recorded is compared with what was spoken."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from common.config.pages import load_keys, page_url
from common.config.tables import DashboardSettings
from common.messages import PeerState
from tests.cli.obs.recording import Recorded, ask, record
from tests.cli.obs.studio import Studio, studio
from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.browser import chromium
from tests.support.correlate import windows
from tests.support.soundserver import RATE, SINK, SoundServer
from tests.support.waiting import eventually

pytestmark = [pytest.mark.realtime, pytest.mark.alone]

CORRELATION = 0.9
PAGE_SINK = "partyline_page"
OBS_STARTS_S = 3.0
"""When exactly OBS began to record is not told; a busy machine needs a while."""


@dataclass
class Stage:
    """A party that is heard, and an OBS beside it."""

    pipeline: Pipeline
    control: Control
    obs: Studio
    server: SoundServer

    def spoken(self, since_ns: int) -> bool:
        """Return whether somebody has spoken alone since then."""
        return bool(heard.finished(self.control, since_ns, time.monotonic_ns(), OBS_STARTS_S + 0.5))

    def matches(self, recorded: Recorded) -> list[heard.Match]:
        since_ns = recorded.started_ns
        return heard.lone_matches(recorded.samples, since_ns, self.control, since_ns, OBS_STARTS_S)

    def likeness(self, recorded: Recorded, one: heard.Match) -> float:
        """Return how like what was spoken its pieces are, in the middle: a page plays on a clock of its own."""
        first = (one.utterance.started_ns - recorded.started_ns) * RATE // 1_000_000_000
        begin = max(0, first + round((one.delay_ms / 1000 - 0.3) * RATE))
        source = heard.source(one.utterance.voice)
        pieces = windows(recorded.samples[begin : begin + len(source) + RATE], source, RATE, window_s=0.2)
        return statistics.median(piece.correlation for piece in pieces)

    def page_url(self) -> str:
        """Return the address of the audio page, as a Browser Source would get it."""
        settings = DashboardSettings(port=int(self.pipeline.env["PARTYLINE_DASHBOARD__PORT"]))
        return page_url(settings, "obs-audio", load_keys(self.pipeline.paths).read)

    def mute(self, source: str, *, muted: bool) -> None:
        ask(self.obs, "SetInputMute", inputName=source, inputMuted=muted)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with SoundServer() as server, studio(server.env) as obs, pipeline({**server.env, **obs.env}) as made:
        made.start()
        control = Control.of(made.paths.simulator_file)
        eventually(
            lambda: any(peer.connection == "connected" for peer in made.state().all(PeerState)), "somebody is connected"
        )
        ask(obs, "SetInputMute", inputName="Desktop Audio", inputMuted=True)  # it would carry the voices too
        yield Stage(made, control, obs, server)


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


def test_a_device_that_obs_sees_becomes_a_source_that_is_not_monitored(stage: Stage) -> None:
    done = stage.pipeline.partyline("obs", "setup", "--device", SINK)
    assert done.returncode == 0, done.stderr
    monitored = ask(stage.obs, "GetInputAudioMonitorType", inputName="partyline device")
    assert monitored["monitorType"] == "OBS_MONITORING_TYPE_NONE"


def test_status_tells_that_obs_hears_them_and_a_second_setup_changes_nothing(stage: Stage) -> None:
    before = inputs(stage)
    assert "unchanged" in stage.pipeline.partyline("obs", "setup", "--device", SINK).stdout
    assert inputs(stage) == before
    eventually(lambda: "dBFS" in stage.pipeline.partyline("obs", "status").stdout, "sound reaches OBS")
    tested = stage.pipeline.partyline("obs", "test")
    assert tested.returncode == 0, tested.stderr
    assert "OBS heard the test tone in partyline device" in tested.stdout


def test_desktop_audio_with_the_same_voices_is_found(stage: Stage) -> None:
    assert "twice" not in stage.pipeline.partyline("obs", "status").stdout
    stage.mute("Desktop Audio", muted=False)
    try:
        told = stage.pipeline.partyline("obs", "status").stdout
        assert "The voices are on the stream twice: Desktop Audio captures" in told
    finally:
        stage.mute("Desktop Audio", muted=True)


def test_obs_records_the_voices_from_the_device_and_from_the_page_alike(
    stage: Stage, may_try_again: Callable[[], bool]
) -> None:
    """One recording, first by the device, then by the page, so that their delays can be compared.

    This OBS has no Browser Source: the same engine opens the page and plays into a sink of its own, which OBS captures.
    """
    if "The page" not in inputs(stage):  # this test may be tried again
        stage.server.pactl("load-module", "module-null-sink", f"sink_name={PAGE_SINK}", "rate=48000", "norewinds=1")
        ask(
            stage.obs,
            "CreateInput",
            sceneName="Scene",
            inputName="The page",
            inputKind="pulse_output_capture",
            inputSettings={"device_id": f"{PAGE_SINK}.monitor"},
        )
    with chromium(env={**stage.server.environment(), "PULSE_SINK": PAGE_SINK}, sound=True) as browser:
        page = browser.new_page()
        page.goto(stage.page_url())
        found = [_both_ways(stage)]
        while min(found[-1][:2]) < CORRELATION and may_try_again():
            found.append(_both_ways(stage))
    by_device, by_page, later_ms = found[-1]
    assert by_device >= CORRELATION, found
    assert by_page >= CORRELATION, found
    sys.stderr.write(f"the page is heard {later_ms:.0f} ms after the device\n")


def _both_ways(stage: Stage) -> tuple[float, float, float]:
    """Return how alike the worst voice is by the device, by the page, and how much later the page is (ms)."""
    began: list[int] = []
    switched: list[int] = []

    def heard_both_ways() -> bool:
        if not began:
            began.append(time.monotonic_ns())
        if not switched and stage.spoken(began[0]):
            stage.mute("partyline device", muted=True)
            stage.mute("The page", muted=False)
            switched.append(time.monotonic_ns())
        return bool(switched) and stage.spoken(switched[0])

    stage.mute("The page", muted=True)
    stage.mute("partyline device", muted=False)
    recorded = record(stage.obs, heard_both_ways, "people were heard both ways")
    stage.mute("partyline device", muted=False)
    matches = stage.matches(recorded)
    by_device = [match for match in matches if match.utterance.ended_ns + 5e8 < switched[0]]
    by_page = [match for match in matches if match.utterance.started_ns > switched[0]]
    assert by_device
    assert by_page
    later_ms = statistics.median(m.delay_ms for m in by_page) - statistics.median(m.delay_ms for m in by_device)
    return (
        min(match.alike for match in by_device),
        min(stage.likeness(recorded, match) for match in by_page),
        later_ms,
    )


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
