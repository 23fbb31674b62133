from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from common.config.tables import AudioSettings
from common.errors import PartylineError
from common.messages import Devices, Message, OutputDevice
from tests.support.made_time import in_made_time
from tests.support.waiting import until
from workers.audio import device_watch
from workers.audio.device_watch import DeviceWatch
from workers.audio.memory import Choices
from workers.audio.mix_settings import MixSettings
from workers.audio.play.output import Reopen
from workers.audio.sinks import Sink
from workers.audio.sinks.device import DeviceSink
from workers.audio.system import device_list
from workers.audio.system.sound_system import SILENT_S, Snapshot

SPEAKERS = OutputDevice(name="Speakers", channels=2)


class Machine:
    """The machine's devices, the bus, and the output, as the watch sees them."""

    def __init__(self) -> None:
        self.default = "41"
        self.devices: tuple[OutputDevice, ...] | None = (SPEAKERS,)
        self.playing: DeviceSink | None = None
        self.published: list[Message] = []
        self.reopened: list[Reopen] = []
        self.resting: Sink | None = None
        self.age_s = 0.0
        self.problems: list[str] = []

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(1, (str(self.devices),), self.default)

    def publish_problem(self, code: str, *_words: str, **_more: str) -> None:
        self.problems.append(code)

    def clear_problem(self, code: str) -> None:
        if code in self.problems:
            self.problems.remove(code)

    def publish(self, message: Message) -> None:
        self.published.append(message)

    def reopen(self, reason: Reopen) -> None:
        self.reopened.append(reason)

    async def read_devices(self) -> tuple[OutputDevice, ...] | None:
        return self.devices

    def watch(self, sink: str = "device", device: str = "") -> DeviceWatch:
        settings = MixSettings(AudioSettings(sink=sink, device=device), Choices())  # type: ignore[arg-type]
        return DeviceWatch(self, self, settings, self, self)  # type: ignore[arg-type]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine()
    monkeypatch.setattr(device_list, "read_devices", made.read_devices)
    return made


@contextlib.asynccontextmanager
async def running(watch: DeviceWatch):
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@in_made_time
async def test_the_list_is_published_when_it_changes_and_not_again(machine: Machine) -> None:
    watch = machine.watch()
    async with running(watch):
        await until(lambda: machine.published, "a list is published")
        machine.devices = (SPEAKERS, OutputDevice(name="HDMI", channels=8))
        await until(lambda: len(machine.published) == 2, "list 2 is published")
    watch.publish()
    assert [len(m.devices) for m in machine.published if isinstance(m, Devices)] == [1, 2]


@in_made_time
async def test_the_sound_follows_the_systems_default_output(machine: Machine) -> None:
    async with running(machine.watch()):
        await until(lambda: machine.published, "a list is published")
        machine.default = ""  # for a moment there is none
        machine.devices = ()
        await until(lambda: len(machine.published) == 2, "list 2 is published")
        machine.default = "42"
        await until(lambda: machine.reopened, "it is reopened")
        machine.devices = (SPEAKERS,)
        await until(lambda: len(machine.published) == 3, "list 3 is published")
    assert [reason.message for reason in machine.reopened] == [
        "The system's default output changed. The sound moves there."
    ]


@pytest.mark.parametrize(("sink", "device"), [("device", "Speakers"), ("file", ""), ("null", "")])
@in_made_time
async def test_who_named_a_device_or_uses_none_is_not_moved(machine: Machine, sink: str, device: str) -> None:
    async with running(machine.watch(sink, device)):
        await until(lambda: machine.published, "a list is published")
        machine.default = "42"
        machine.devices = ()
        await until(lambda: len(machine.published) == 2, "list 2 is published")
        machine.devices = (SPEAKERS,)
        await until(lambda: len(machine.published) == 3, "list 3 is published")
    assert machine.reopened == []


async def test_a_device_is_found_by_name_or_number_and_none_means_the_default(machine: Machine) -> None:
    watch = machine.watch()
    assert [await watch.find(name) for name in ("speak", "1", "")] == ["Speakers", "Speakers", ""]
    with pytest.raises(PartylineError, match="Looked for"):
        await watch.find("HDMI")
    with pytest.raises(PartylineError, match="the file sink"):
        await machine.watch("file").find("Speakers")


@in_made_time
async def test_a_system_that_does_not_answer_is_told_until_it_does(machine: Machine) -> None:
    async with running(machine.watch()):
        await until(lambda: machine.published, "a list is published")
        assert machine.problems == []
        machine.age_s = SILENT_S + 1
        await until(lambda: machine.problems, "it is told")
        assert set(machine.problems) == {device_watch.SILENT}
        machine.age_s = 0.1
        machine.problems = [device_watch.SILENT]
        await until(lambda: not machine.problems, "it is over")


async def test_a_device_that_rests_is_named_and_does_not_play(machine: Machine) -> None:
    machine.resting = DeviceSink("Speakers", 20, machine, rescan=False)  # type: ignore[arg-type]
    found = machine.watch().publish()
    assert (found.current, found.resting) == ("", "Speakers")
