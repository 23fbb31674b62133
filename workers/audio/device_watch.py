"""The watch over the machine's sound devices: it publishes their list and follows the system's default output."""

from __future__ import annotations

import asyncio
from typing import Protocol

from common.bus import Bus
from common.errors import PartylineError
from common.messages import Devices, OutputDevice
from workers.audio.mix_settings import MixSettings
from workers.audio.play.output import Output, Reopen
from workers.audio.system import device_list
from workers.audio.system.sound_system import SILENT_S, SoundSystem

POLL_S = 0.25
"""Seconds between two looks at what the system said, as often as it is asked."""
SILENT = "audio.sound-system"
SILENT_LOOKS = 3
"""Looks in a row that find it silent. Chosen for a process that stood still, whose thread asks again after that."""


class WatchProblems(Protocol):
    """What the watch needs from the worker."""

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: str) -> None: ...

    def clear_problem(self, code: str) -> None: ...


class DeviceWatch:
    def __init__(
        self, problems: WatchProblems, bus: Bus, settings: MixSettings, output: Output, system: SoundSystem
    ) -> None:
        self._problems = problems
        self._bus = bus
        self._settings = settings
        self._output = output
        self._system = system
        self._listed: tuple[OutputDevice, ...] = ()
        self._published: Devices | None = None
        self._silent_looks = 0

    async def run(self) -> None:
        fingerprint: tuple[str, ...] | None = None
        default = ""
        while True:
            await asyncio.sleep(POLL_S)
            self._check_age()
            snapshot = self._system.snapshot
            if not snapshot.asked_ns:
                continue  # the system has not answered yet
            if fingerprint != snapshot.fingerprint:
                fingerprint = snapshot.fingerprint
                await self.list_devices()
            before, default = default, snapshot.default or default
            if before and default != before and not self._settings.device and self._plays_on_devices:
                self._output.reopen(
                    Reopen(
                        "The system's default output changed. The sound moves there.",
                        "`partyline device NAME` stays with one device.",
                    )
                )

    def _check_age(self) -> None:
        self._silent_looks = self._silent_looks + 1 if self._system.age_s > SILENT_S else 0
        if self._silent_looks >= SILENT_LOOKS:
            self._problems.publish_problem(
                SILENT,
                "The system's sound service does not answer, so devices that come or go are not noticed.",
                "Nothing to do if it answers soon. Otherwise restart it (on a Mac: `sudo killall coreaudiod`).",
                severity="warning",
            )
        elif not self._silent_looks:
            self._problems.clear_problem(SILENT)

    @property
    def _plays_on_devices(self) -> bool:
        return self._settings.configured.sink == "device"

    async def list_devices(self) -> None:
        """Read and publish the list."""
        self._listed = await device_list.read_devices() or ()
        self.publish()

    async def find(self, name: str) -> str:
        """Return the name of the device that is called `name`, or whose number it is. Empty means the default one.

        Raises `PartylineError` if there is none, or if the mix does not go to a device.
        """
        if not self._plays_on_devices:
            raise PartylineError(
                f"The mix does not go to a device but to the {self._settings.configured.sink} sink.",
                'Set [audio] sink to "device", then `partyline restart audio`.',
                code="audio.no-device-sink",
            )
        if name:
            return await self.find_listed(name)
        await self.list_devices()
        return ""

    async def find_listed(self, name: str) -> str:
        """Return the full name of the device that `name` means, like `find`, wherever the mix goes."""
        await self.list_devices()
        return device_list.find_device(self._listed, name).name

    def publish(self) -> Devices:
        """Publish the list and the device that plays, if they changed."""
        playing = self._output.playing
        current = playing.target if playing is not None and playing.kind == "device" else ""
        resting = self._output.resting.target if self._output.resting is not None else ""
        devices = Devices(devices=self._listed, wanted=self._settings.device, current=current, resting=resting)
        if devices != self._published:
            self._published = devices
            self._bus.publish(devices)
        return devices
