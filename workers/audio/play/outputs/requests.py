"""The requests about outputs that the audio worker serves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from common.basic.values import MAIN_OUTPUT
from common.bus import Bus
from common.errors import PartylineError
from common.requests import AddOutput, Done, RemoveOutput, SetOutput
from workers.audio.play.outputs import choices as kept
from workers.audio.play.outputs import doubles
from workers.audio.play.outputs.further_outputs import FurtherOutputs


class DeviceFinder(Protocol):
    """What the requests need to know of the sound devices."""

    async def find_listed(self, name: str) -> str:
        """Return the full name of the device that `name` means. Raises `PartylineError` if there is none."""


class OutputRequests:
    def __init__(self, outputs: FurtherOutputs, devices: DeviceFinder, file: Path) -> None:
        """`file` keeps the choices."""
        self._outputs = outputs
        self._devices = devices
        self._file = file
        self._saving = asyncio.Lock()

    def serve(self, bus: Bus) -> None:
        bus.serve(AddOutput, self._serve_add)
        bus.serve(RemoveOutput, self._serve_remove)
        bus.serve(SetOutput, self._serve_set)

    async def _serve_add(self, request: AddOutput) -> Done:
        device = await self._find(request.name or "", request.device)
        plan = self._outputs.choices.add(device, request.name)
        self._outputs.try_out()
        return await self._apply(f"The output {plan.name!r} goes to {device!r} from now on.")

    async def _serve_remove(self, request: RemoveOutput) -> Done:
        self._outputs.choices.remove(request.name)
        return await self._apply(f"The output {request.name!r} is removed.")

    async def _serve_set(self, request: SetOutput) -> Done:
        if request.name == MAIN_OUTPUT and request.device is not None:
            raise PartylineError(
                "The main output's device is chosen elsewhere.",
                "Use `partyline device NAME`.",
                code="audio.main-output",
            )
        self._outputs.choices.plan(request.name)
        device = None if request.device is None else await self._find(request.name, request.device)
        self._outputs.choices.set(request, device)
        if device is not None:
            self._outputs.try_out()
        return await self._apply(f"The output {request.name!r} is changed.")

    async def _find(self, output: str, words: str) -> str:
        """Return the full name of a device for `output`. Raises `PartylineError` if it is not there or taken."""
        if not words:
            raise PartylineError(
                "A further output needs the name of a device. Only the main one follows the system's default.",
                "Name one of `partyline devices`.",
                code="audio.no-such-device",
            )
        device = await self._devices.find_listed(words)
        doubles.check(output, device, self._outputs.devices())
        return device

    async def _apply(self, message: str) -> Done:
        self._outputs.apply()
        self._outputs.publish()
        async with self._saving:
            await asyncio.to_thread(kept.save, self._file, self._outputs.choices.dump())
        return Done(message=message)
