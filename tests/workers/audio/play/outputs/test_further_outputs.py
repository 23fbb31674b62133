"""Which processes are kept, what they are told, and which problems are published."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.config.tables import AudioSettings
from common.messages import OUTPUT_PEER, MixerState
from common.requests import SetMaster, SetOutput
from workers.audio.memory import Choices
from workers.audio.mixing_desk import MixingDesk
from workers.audio.play.device_need import DeviceNeed
from workers.audio.play.main_controls import MainControls
from workers.audio.play.outputs import further_outputs as module
from workers.audio.play.outputs.choices import OutputChoices
from workers.audio.play.outputs.further_outputs import FurtherOutputs
from workers.audio.play.outputs.lines import PlayerOrder, PlayerReport


class Player:
    """In place of a process."""

    made: list[Player]

    def __init__(self, name: str, _folder: Path, order: PlayerOrder, on_report: Callable[[], None]) -> None:
        self.name = name
        self.orders = [order]
        self.report: PlayerReport | None = None
        self.ended = ""
        self.pid = 7
        self._on_report = on_report
        self.made.append(self)

    def send(self, order: PlayerOrder) -> None:
        if order != self.orders[-1]:
            self.orders.append(order)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def tell(self, report: PlayerReport | None, ended: str = "") -> None:
        self.report, self.ended = report, ended
        self._on_report()


class Rig:
    def __init__(self) -> None:
        self.open: dict[str, tuple[str, str]] = {}
        self.changes = 0
        self._tapped: list[str] = []
        self.desk = MixingDesk(AudioSettings(), Choices(), lambda peer, *_frame: self._tapped.append(peer))
        self.main = SimpleNamespace(resting=None, playing=SimpleNamespace(kind="device", target="Ears"))
        self.need = DeviceNeed(0.0)
        self.outputs = FurtherOutputs(
            *(self, Path("/nowhere"), OutputChoices({}), self.desk.settings),  # type: ignore[arg-type]
            *(self.main, MainControls(self.desk.chain), self.need, self.on_change),  # type: ignore[arg-type]
        )

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: str) -> None:
        assert severity == "warning"
        self.open[code] = (message, remedy)

    def clear_problem(self, code: str) -> None:
        self.open.pop(code, None)

    def on_change(self) -> None:
        self.changes += 1

    def fed(self) -> int:
        """Return how many frames go to further outputs of one that is made."""
        self._tapped.clear()
        self.desk.chain.frame(0, 0)
        return self._tapped.count(OUTPUT_PEER)

    def add(self, device: str, name: str) -> Player:
        self.outputs.choices.add(device, name)
        self.outputs.apply()
        return Player.made[-1]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    Player.made = []
    monkeypatch.setattr(module, "PlayerProcess", Player)
    return Rig()


def playing(device: str, target: str = "") -> PlayerReport:
    return PlayerReport(device=device, phase="playing", target=target or device)


async def test_an_output_gets_a_process_until_it_is_removed(rig: Rig) -> None:
    player = rig.add("BlackHole", "obs")
    assert player.orders == [PlayerOrder(device="BlackHole")]
    assert rig.fed() == 1
    rig.outputs.apply()
    assert len(Player.made) == 1
    rig.outputs.choices.remove("obs")
    rig.outputs.apply()
    assert rig.outputs.devices() == [("main", "Ears")]
    assert rig.fed() == 0
    await rig.outputs.stop()


async def test_the_mixs_delay_reaches_an_output_that_has_none_of_its_own(rig: Rig) -> None:
    player = rig.add("BlackHole", "obs")
    rig.desk.set_master(SetMaster(delay_ms=80))
    rig.outputs.apply()
    assert player.orders[-1].delay_ms == 80
    rig.outputs.choices.set(SetOutput(name="obs", delay_ms=5, gain_db=-2, muted=True))
    rig.outputs.apply()
    assert player.orders[-1] == PlayerOrder(device="BlackHole", delay_ms=5, gain_db=-2, muted=True)
    await rig.outputs.stop()


async def test_it_rests_when_the_main_output_would(rig: Rig) -> None:
    player = rig.add("BlackHole", "obs")
    rig.need.on_party(is_on=False, now=-1e9)
    rig.outputs.apply()
    assert not player.orders[-1].needed
    await rig.outputs.stop()


async def test_one_that_cannot_play_is_a_problem_and_one_that_can_again_is_none(rig: Rig) -> None:
    player = rig.add("BlackHole", "obs")
    assert rig.open == {}
    player.tell(PlayerReport(device="BlackHole", phase="waiting", message="It is gone.", remedy="Plug it in."))
    assert rig.open == {"audio.output.obs": ("Output 'obs': It is gone. The other outputs continue.", "Plug it in.")}
    player.tell(None, "signal 9 ended it")
    assert "signal 9 ended it" in rig.open["audio.output.obs"][0]
    changes = rig.changes
    player.tell(playing("BlackHole"))
    assert rig.open == {}
    assert rig.changes == changes + 1
    player.tell(playing("BlackHole"))
    assert rig.changes == changes + 1
    await rig.outputs.stop()


async def test_an_output_whose_device_another_one_took_is_closed_until_they_differ(rig: Rig) -> None:
    player = rig.add("hole", "obs")
    player.tell(playing("hole", "BlackHole"))
    rig.main.playing.target = "BlackHole"  # the system's default moved there
    rig.outputs.apply()
    assert not player.orders[-1].needed
    assert "'main' plays on the same device" in rig.open["audio.output.obs"][0]
    mixer = MixerState(sink="device", wanted_sink="device", where="to X")
    assert [found.phase for found in rig.outputs.statuses(mixer)] == ["playing", "refused"]
    player.tell(PlayerReport(device="hole", phase="resting", target="BlackHole"))
    rig.outputs.apply()
    assert not player.orders[-1].needed
    rig.main.playing.target = "Ears"
    rig.outputs.apply()
    assert player.orders[-1].needed
    assert rig.open == {}
    await rig.outputs.stop()


async def test_facts_name_the_process(rig: Rig) -> None:
    rig.add("BlackHole", "obs").tell(playing("BlackHole"))
    assert rig.outputs.facts() == {"output obs": "process 7, queue 0 ms spare, 0 missing, 0 dropped"}
    await rig.outputs.stop()
