"""`partyline obs lipsync`: which sources it compares, what it sets, and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from cli import __main__ as entry
from cli.obs.lip_sync import command
from cli.obs.lip_sync.command import _gains, _Measured, _microphone, _set
from cli.obs.lip_sync.proposal import Proposal
from cli.shared.failures import CommandError
from common.messages import MixerState, MixerTalker
from common.obs.connection import ObsConnection, connect
from common.requests import SetMaster
from tests.cli.obs.fake_obs import FakeObs, fake_obs

OURS = "partyline stream"


@pytest.fixture
async def studio() -> AsyncIterator[tuple[FakeObs, ObsConnection]]:
    async with fake_obs() as obs, connect(obs.settings) as there:
        obs.add(OURS, "ffmpeg_source")
        obs.add("Mic/Aux", "pulse_output_capture")
        yield obs, there


async def test_the_microphone_is_found_by_its_name_and_our_own_source_is_none(
    studio: tuple[FakeObs, ObsConnection],
) -> None:
    _, there = studio
    assert await _microphone(there, "mic/aux", [OURS]) == "Mic/Aux"
    for wrong in ("Nothing", OURS):
        with pytest.raises(CommandError, match="no source") as caught:
            await _microphone(there, wrong, [OURS])
        assert caught.value.remedy == "The sources are: Mic/Aux."


@pytest.mark.parametrize(("where", "in_obs", "here"), [("obs", 300, 0), ("here", 0, 300)])
async def test_the_delay_is_set_in_one_place_only(
    studio: tuple[FakeObs, ObsConnection], monkeypatch: pytest.MonkeyPatch, where: str, in_obs: int, here: int
) -> None:
    obs, there = studio
    obs.inputs[OURS]["sync"] = 77
    asked = []

    async def ask(_bus: object, request: object, _wait_s: float) -> None:
        asked.append(request)

    monkeypatch.setattr(command, "ask", ask)
    found = _Measured(Proposal(-300, 300, 0.9), (OURS,), "Mic/Aux", is_steady=False)
    await _set(None, there, found, where)  # type: ignore[arg-type]
    assert asked == [SetMaster(delay_ms=here)]
    assert obs.inputs[OURS]["sync"] == in_obs
    assert obs.inputs["Mic/Aux"]["sync"] == 0


def test_who_is_not_heard_in_the_mix_says_nothing_of_the_way_into_obs() -> None:
    talkers = (
        MixerTalker(peer="1.PS5", muted=True),
        MixerTalker(peer="2.PS5", hushed=True),
        MixerTalker(peer="3.PS5", gain_db=-20.0),
    )
    assert _gains(MixerState(sink="null", wanted_sink="null", where="nowhere", talkers=talkers)) == {
        "3.PS5": pytest.approx(0.1)
    }


def test_nothing_is_measured_without_consent(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["obs", "lipsync"]) == 1
    assert "Nothing was measured" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("where", "is_steady", "words"),
    [
        ("obs", False, 'With [media] latency = "steady" this stays right.'),
        ("obs", True, ""),
        ("here", False, ""),
        ("here", True, "OBS's sync offset does: --set obs."),
    ],
)
def test_what_keeps_the_delay_right_is_said_where_it_does_not_stay_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str, is_steady: bool, words: str
) -> None:
    found = _Measured(Proposal(-300, 300, 0.9), (OURS,), "Mic/Aux", is_steady=is_steady)

    def measured(job: Coroutine[Any, Any, Any]) -> _Measured:
        job.close()
        return found

    monkeypatch.setattr(command, "run", measured)
    assert entry.main(["obs", "lipsync", "--yes", "--set", where]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(words or "300 ms now.")
