"""How the sound devices are listed."""

from __future__ import annotations

import pytest

from cli.sound import devices as module
from common.messages import Devices, OutputDevice, OutputStatus

SPEAKERS = OutputDevice(name="Speakers", channels=2, is_default=True)
HOLE = OutputDevice(name="BlackHole", channels=16, is_default=False)


@pytest.fixture
def shown(monkeypatch, capsys):
    """Return what `partyline devices` prints for a state of audio."""

    def show(state: Devices, *outputs: OutputStatus) -> str:
        async def known() -> tuple[Devices, tuple[OutputStatus, ...]]:
            return state, outputs

        monkeypatch.setattr(module, "_devices", known)
        assert module.COMMANDS["devices"].execute("devices", []) == 0
        return capsys.readouterr().out

    return show


def test_the_one_that_plays_and_the_default_are_marked(shown):
    out = shown(Devices(devices=(SPEAKERS, HOLE), current="BlackHole", wanted="BlackHole"))
    first, second = [" ".join(line.split()) for line in out.splitlines() if "channels" in line]
    assert (first, second) == ("1 Speakers 2 channels the default", "2 BlackHole 16 channels plays now")
    assert "“BlackHole” is selected." in out


def test_it_says_when_none_plays_and_when_there_is_none(shown):
    assert "No device plays now." in shown(Devices(devices=(SPEAKERS,)))
    assert shown(Devices()).startswith("There is no sound device for playback.")


def test_it_says_which_one_rests(shown):
    out = shown(Devices(devices=(SPEAKERS, HOLE), wanted="BlackHole", resting="BlackHole"))
    assert "“BlackHole” is resting until a party is joined." in out
    assert "plays now" not in out
    assert "shows why" not in out


def test_with_several_outputs_it_says_which_one_plays_where(shown):
    outputs = (
        OutputStatus(name="main", phase="playing", where="", target="Speakers"),
        OutputStatus(name="obs", phase="resting", where="", target="BlackHole"),
        OutputStatus(name="tv", phase="waiting", where="nowhere: there is no sound device “TV” that takes sound"),
    )
    out = shown(Devices(devices=(SPEAKERS, HOLE), current="Speakers"), *outputs)
    first, second = [" ".join(line.split()) for line in out.splitlines() if "channels" in line]
    assert first == "1 Speakers 2 channels playing as “main”, the default"
    assert second == "2 BlackHole 16 channels resting as “obs”"
    assert "The output “tv” goes nowhere: there is no sound device “TV” that takes sound." in out
    assert "`partyline output list`" in out
