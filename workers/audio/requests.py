"""The requests that the audio worker serves: gain, mute and solo of a talker, the whole mix, and the device."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Protocol

from common.basic.values import MAIN_OUTPUT
from common.bus import Bus
from common.messages import Devices, TalkerProcessing
from common.requests import (
    Done,
    SelectDevice,
    SetGain,
    SetMaster,
    SetMute,
    SetOwnMember,
    SetSolo,
    SetTalkerProcessing,
    TestTone,
)
from workers.audio.device_watch import DeviceWatch
from workers.audio.mix.voices import suppressor
from workers.audio.mix.voices.lanes import ProcessingLanes
from workers.audio.mixing_desk import MixingDesk
from workers.audio.play.device_need import DeviceNeed
from workers.audio.play.output import Output, Reopen
from workers.audio.play.outputs import doubles
from workers.audio.play.outputs.further_outputs import FurtherOutputs

MOVED_S = 5.0
"""How long the answer to `SelectDevice` may wait for the device. Chosen to be longer than a device takes to open."""


class MixEvents(Protocol):
    """What the requests need from the worker."""

    def publish_state(self) -> None: ...

    def publish_tone(self, seconds: float) -> None: ...

    async def save(self) -> None:
        """Save the choices. Raises `PartylineError` if the disk refuses them."""


class MixRequests:
    def __init__(  # noqa: PLR0913, PLR0917
        self,
        worker: MixEvents,
        desk: MixingDesk,
        output: Output,
        devices: DeviceWatch,
        need: DeviceNeed,
        lanes: ProcessingLanes,
        opened: asyncio.Event,
        outputs: FurtherOutputs,
    ) -> None:
        """Take the worker's parts. `opened` is set when a sink was opened, or could not be."""
        self._worker = worker
        self._desk = desk
        self._output = output
        self._devices = devices
        self._need = need
        self._lanes = lanes
        self._opened = opened
        self._outputs = outputs

    def serve(self, bus: Bus) -> None:
        bus.serve(SetGain, self._serve_set_gain)
        bus.serve(SetMute, self._serve_set_mute)
        bus.serve(SetSolo, self._serve_set_solo)
        bus.serve(SetOwnMember, self._serve_set_own_member)
        bus.serve(SetTalkerProcessing, self._serve_set_talker_processing)
        bus.serve(SetMaster, self._serve_set_master)
        bus.serve(SelectDevice, self._serve_select_device)
        bus.serve(TestTone, self._serve_test_tone)

    async def _serve_set_gain(self, request: SetGain) -> Done:
        choice = self._desk.choices.set_gain(request.peer, request.gain_db)
        return await self._apply(f"{request.peer}: {choice.gain_db:+g} dB")

    async def _serve_set_mute(self, request: SetMute) -> Done:
        choice = self._desk.choices.set_mute(request.peer, muted=request.muted)
        return await self._apply(f"{request.peer}: {'muted' if choice.muted else 'not muted'}")

    async def _serve_set_solo(self, request: SetSolo) -> Done:
        choice = self._desk.choices.set_solo(request.peer, solo=request.solo)
        return await self._apply(f"{request.peer}: {'solo' if choice.solo else 'not solo'}")

    async def _serve_set_own_member(self, request: SetOwnMember) -> Done:
        self._desk.choices.set_own_account(request.account_id)
        said = f"{request.account_id} is your own account." if request.account_id else "No account is your own."
        return await self._apply(said)

    async def _serve_set_talker_processing(self, request: SetTalkerProcessing) -> Done:
        if request.suppress and (reason := await asyncio.to_thread(suppressor.missing)):
            raise suppressor.SuppressorError(reason)
        wanted = TalkerProcessing(gate_db=request.gate_db, suppress=request.suppress, eq=request.eq, pan=request.pan)
        self._desk.choices.set_processing(request.peer, wanted)
        self._lanes.refresh()
        return await self._apply(f"{request.peer}: {wanted.words}")

    async def _serve_set_master(self, request: SetMaster) -> Done:
        self._desk.set_master(request)
        return await self._apply("The mix is changed.")

    async def _apply(self, message: str) -> Done:
        self._desk.refresh()
        self._worker.publish_state()
        await self._worker.save()
        return Done(message=message)

    async def _serve_test_tone(self, request: TestTone) -> Done:
        self._need.on_voice(time.monotonic())
        self._desk.chain.tone.start(request.seconds)
        self._worker.publish_tone(request.seconds)
        return Done(message=f"A test tone plays for {request.seconds:g} s.")

    async def _serve_select_device(self, request: SelectDevice) -> Devices:
        name = await self._devices.find(request.name)
        doubles.check(MAIN_OUTPUT, name, self._outputs.devices())
        self._desk.choices.set_device(name)
        where = f"{name!r}" if name else "the system's default device"
        await self._worker.save()
        self._opened.clear()
        self._need.try_out(time.monotonic())
        self._output.reopen(Reopen(f"The sound moves to {where}.", "No action is needed."))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MOVED_S):
                await self._opened.wait()
        return self._devices.publish()
