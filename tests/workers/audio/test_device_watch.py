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
from workers.audio.device_watch import DeviceWatch
from workers.audio.memory import Choices
from workers.audio.mix_settings import MixSettings
from workers.audio.play.output import Reopen
from workers.audio.sinks.device import DeviceSink
from workers.audio.system import device_list, os_audio

SPEAKERS = OutputDevice(name="Speakers", channels=2)


class Machine:
    """The machine's devices, the bus, and the output, as the watch sees them."""

    def __init__(self) -> None:
        self.default = "41"
        self.devices: tuple[OutputDevice, ...] | None = (SPEAKERS,)
        self.playing: DeviceSink | None = None
        self.published: list[Message] = []
        self.reopened: list[Reopen] = []

    def publish(self, message: Message) -> None:
        self.published.append(message)

    def reopen(self, reason: Reopen) -> None:
        self.reopened.append(reason)

    async def read_devices(self) -> tuple[OutputDevice, ...] | None:
        return self.devices

    def watch(self, sink: str = "device", device: str = "") -> DeviceWatch:
        settings = MixSettings(AudioSettings(sink=sink, device=device), Choices())  # type: ignore[arg-type]
        return DeviceWatch(self, settings, self)  # type: ignore[arg-type]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine()
    monkeypatch.setattr(os_audio, "default_output", lambda: made.default)
    monkeypatch.setattr(os_audio, "sound_fingerprint", lambda: (str(made.devices),))
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
