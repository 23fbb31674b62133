"""The audio worker, which mixes the talkers and plays the mix."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import time
from typing import ClassVar

import msgspec

from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Ducking, LevelsWanted, ListeningPages, PartyState, TonePlays
from common.run.wake import Wake
from common.run.worker import Worker
from common.system import qos
from workers.audio import memory
from workers.audio.device_watch import DeviceWatch
from workers.audio.mix.voices import reports
from workers.audio.mix.voices.lanes import ProcessingLanes
from workers.audio.mixing_desk import MixingDesk
from workers.audio.planes.ducking import Ducker
from workers.audio.planes.far_sound_report import FarSoundReport
from workers.audio.planes.level_meter import HEARD_DB, LevelMeter, is_heard
from workers.audio.planes.mix_publisher import MixPublisher
from workers.audio.planes.talker_subscriber import TalkerSubscriber
from workers.audio.play.device_need import DeviceNeed
from workers.audio.play.main_controls import MainControls
from workers.audio.play.output import NO_ANSWER, Output
from workers.audio.play.outputs import choices as output_choices
from workers.audio.play.outputs.further_outputs import FurtherOutputs
from workers.audio.play.outputs.requests import OutputRequests
from workers.audio.requests import MixRequests
from workers.audio.state import mixer_state
from workers.audio.surroundings import WorkerSurroundings
from workers.audio.system import native_output
from workers.audio.system.sound_system import SoundSystem

STATE_TICKS = 10
"""The mixer's state is published with every 10th tick of the level meter."""
SAVE_TICKS = 300
"""Level ticks between two saves of the levelling gains. A crash loses half a minute of levelling at most."""
GIL_SWITCH_S = 0.0005
"""How long the device's callback waits at most for another Python thread (Python's default is 5 ms).

Chosen to be short against a block of the device, which is 5 ms with PulseAudio."""


class Audio(Worker):
    name: ClassVar[str] = "audio"
    niceness: ClassVar[int] = -11

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._choices_file = paths.state / "audio.json"
        self._mix_publisher = MixPublisher(paths.run, self.bus.boot)
        self._desk = MixingDesk(settings.audio, memory.load(self._choices_file), self._mix_publisher.tap)
        self._chain = self._desk.chain
        self._lanes = ProcessingLanes(self._chain.inbox.append, self._desk.processing_of)
        self._talkers = TalkerSubscriber(paths.run, self._lanes.put)
        self._far_sound = FarSoundReport(self, self._chain)
        self._meter = LevelMeter(self._chain)
        self._ducker = Ducker(settings.audio.duck_db)
        self._system = SoundSystem()
        self._need = DeviceNeed(time.monotonic())
        controls = MainControls(self._chain)
        self._surroundings = WorkerSurroundings(
            *(self, self._desk, self._system, self._need, controls), time.monotonic_ns(), self._on_other_sink
        )
        self._output = Output(self._surroundings)
        self._devices = DeviceWatch(self, self.bus, self._desk.settings, self._output, self._system)
        outputs_file = paths.state / "audio-outputs.json"
        self._outputs = FurtherOutputs(
            *(self, paths.run, output_choices.load(outputs_file, settings.audio.outputs), self._desk.settings),
            *(self._output, controls, self._need, self.publish_state),
        )
        self._requests = MixRequests(
            *(self, self._desk, self._output, self._devices, self._need, self._lanes),
            self._surroundings.opened,
            self._outputs,
        )
        self._output_requests = OutputRequests(self._outputs, self._devices, outputs_file)
        self._saving = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None

    async def setup(self) -> None:
        sys.setswitchinterval(GIL_SWITCH_S)
        qos.set_time_critical()
        native_output.separate()
        self._system.start()
        self._mix_publisher.start()
        self._lanes.start()
        self._talkers.start()
        has_hung = self.settings.audio.sink == "device" and NO_ANSWER in self.last_end
        self._playing = self.spawn(self._output.run(must_answer=has_hung), "output")
        self._requests.serve(self.bus)
        self._output_requests.serve(self.bus)
        self.spawn(self._outputs.run(), "further outputs")
        self.bus.publish(Ducking(active=False, at=time.time()))
        self.spawn(self._devices.run(), "devices")
        self.spawn(self._watch_party(), "party")

    async def run(self) -> None:
        gc.collect()
        gc.freeze()  # these objects are permanent, so the collector does not delay the callback to scan them
        tick = 0
        while True:
            await asyncio.sleep(self._meter.wait_s)
            for fault in (self._talkers.fault, self._lanes.fault, self._mix_publisher.fault, self._system.fault):
                if fault is not None:
                    raise fault
            levels, ends_tick = self._meter.read(), self._meter.ends_tick()
            tick += ends_tick
            if is_heard(levels) or (ends_tick and tick % STATE_TICKS == 0):
                self.bus.publish(levels)
            if not ends_tick:
                continue
            self._desk.poll()
            self._heed(self._meter.take_loudest_db())
            if tick % STATE_TICKS == 0:
                self._lanes.forget()
                self.publish_state()
                self._far_sound.publish()
                self._publish_malformed()
            if tick % SAVE_TICKS == 0:
                await self._save_levels()

    def on_wake(self, wake: Wake) -> None:  # noqa: ARG002  # a pause of this process is the same
        """List the devices again, since some may have come or gone. The output watches its own stream."""
        self.spawn(self._devices.list_devices(), "devices after a wake")

    async def stop(self) -> None:
        if self._playing is not None:  # otherwise it would reopen the sink that is closed here
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
        await asyncio.gather(self._output.close(), self._outputs.stop())
        self._system.stop()
        self._talkers.stop()
        self._lanes.stop()
        self._mix_publisher.stop()
        await self._save_levels()

    # --- state files -------------------------------------------------------------------------------

    async def save(self) -> None:
        """Save the choices. Raises `PartylineError` if the disk refuses them."""
        async with self._saving:
            self._desk.levels.record_saved()
            await asyncio.to_thread(memory.save, self._choices_file, self._desk.choices.dump())

    async def _save_levels(self) -> None:
        if self._desk.levels.is_unsaved:
            with contextlib.suppress(PartylineError):  # the heartbeat reports it
                await self.save()

    # --- events ------------------------------------------------------------------------------------

    async def _watch_party(self) -> None:
        async for received in self.bus.subscribe(PartyState, ListeningPages, LevelsWanted):
            if isinstance(received.message, PartyState):
                party = received.message
                self._need.on_party(is_on=party.phase != "none", now=time.monotonic())
                self._desk.on_members(party.members)
            elif isinstance(received.message, ListeningPages):
                self._surroundings.fault.on_listeners(len(received.message.talkers))
            elif isinstance(received.message, LevelsWanted):
                self._meter.set_rate(received.message.per_s)

    def _on_other_sink(self) -> None:
        self.publish_state()
        self._devices.publish()

    # --- publish -----------------------------------------------------------------------------------

    def publish_state(self) -> None:
        playing, resting = self._output.playing, self._output.resting
        if playing is None:
            return
        own = {"mix frames lost": str(self._mix_publisher.lost), **self._desk.chain.headroom.facts()}
        self.facts = {**playing.facts(), **own, **self._outputs.facts()}
        clock_ppm, render_ms = self._surroundings.clock_ppm(playing), self._surroundings.take_render_ms()
        state = mixer_state(
            *(self._desk, playing, resting),
            clock_ppm=clock_ppm,
            render_ms=render_ms,
            processing_ms=self._lanes.delay_ms,
            suppression=reports.report(self, self._lanes),
        )
        self.bus.publish(msgspec.structs.replace(state, outputs=self._outputs.statuses(state)))

    def publish_tone(self, seconds: float) -> None:
        self.bus.publish(TonePlays(seconds=seconds))

    def _heed(self, loudest_db: float) -> None:
        """Keep the device for a voice, and tell others when the party begins to speak."""
        if loudest_db > HEARD_DB:
            self._need.on_voice(time.monotonic())
        if self._ducker.poll(loudest_db):
            self.bus.publish(Ducking(active=self._ducker.active, at=time.time()))

    def _publish_malformed(self) -> None:
        if self._talkers.malformed > self.problem_count("audio.bad-frame"):
            self.publish_problem(
                "audio.bad-frame",
                "Some messages on the audio plane are not frames of this version.",
                "Restart media and audio, so that they are of one version.",
                severity="warning",
                new_occurrence=True,
            )
