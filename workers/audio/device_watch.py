"""The watch over the machine's sound devices: it publishes their list and follows the system's default output."""

from __future__ import annotations

import asyncio

from common.bus import Bus
from common.errors import PartylineError
from common.messages import Devices, OutputDevice
from workers.audio.mix_settings import MixSettings
from workers.audio.play.output import Output, Reopen
from workers.audio.system import device_list, os_audio

POLL_S = 0.25
"""Seconds between two polls of the device list. Chosen so that a new device is listed soon after it appears."""


class DeviceWatch:
    def __init__(self, bus: Bus, settings: MixSettings, output: Output) -> None:
        self._bus = bus
        self._settings = settings
        self._output = output
        self._listed: tuple[OutputDevice, ...] = ()
        self._published: Devices | None = None

    async def run(self) -> None:
        fingerprint: tuple[str, ...] | None = None
        default = os_audio.default_output()
        while True:
            if fingerprint != (found := os_audio.sound_fingerprint()):
                fingerprint = found
                await self.list_devices()
            before, default = default, os_audio.default_output() or default
            if before and default != before and not self._settings.device and self._plays_on_devices:
                self._output.reopen(
                    Reopen(
                        "The system's default output changed. The sound moves there.",
                        "`partyline device NAME` stays with one device.",
                    )
                )
            await asyncio.sleep(POLL_S)

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
        await self.list_devices()
        return device_list.find_device(self._listed, name).name if name else ""

    def publish(self) -> Devices:
        """Publish the list and the device that plays, if they changed."""
        playing = self._output.playing
        current = playing.target if playing is not None and playing.kind == "device" else ""
        devices = Devices(devices=self._listed, wanted=self._settings.device, current=current)
        if devices != self._published:
            self._published = devices
            self._bus.publish(devices)
        return devices
