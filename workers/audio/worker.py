"""The audio worker, which mixes the talkers and plays the mix."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import assert_never

import msgspec

from common.errors import PartylineError
from common.messages import Devices, Ducking, Levels, OutputDevice, PartyState
from common.requests import Done, SelectDevice, SetGain, SetMaster, SetMute, SetSolo
from common.run.worker import Worker
from workers.audio import memory
from workers.audio.mix.mixer import SILENCE_DB, to_db
from workers.audio.mixing_desk import MixingDesk
from workers.audio.planes.ducking import Ducker
from workers.audio.planes.mix_publisher import MixPublisher
from workers.audio.planes.talker_subscriber import TalkerSubscriber
from workers.audio.play.output import NO_ANSWER, Output
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import DirectRenderer, ResampledRenderer
from workers.audio.sinks import Render, Sink, SinkError
from workers.audio.sinks.device import DeviceSink
from workers.audio.sinks.file import FileSink
from workers.audio.sinks.null import NullSink
from workers.audio.system import device_list, native_output, os_audio

LEVELS_S = 0.1
STATE_TICKS = 10
"""The mixer's state is published with every 10th level tick."""
SAVE_TICKS = 300
"""Level ticks between two saves of the levelling gains."""
LOOK_S = 0.25
"""Seconds between two polls of the device list."""
HEARD_DB = -90.0
MOVED_S = 5.0
"""How long the answer to `SelectDevice` may wait for the device."""
GIL_SWITCH_S = 0.0005
"""How long the device's callback waits at most for another Python thread (Python's default is 5 ms)."""
DEFAULT_FILE = "party.wav"
CHANGED = "audio.device-changed"
NARROW = "audio.routes"
SINKS: tuple[type[Sink], ...] = (DeviceSink, FileSink, NullSink)
SINK_PROBLEMS = (*(sink.problem for sink in SINKS if sink.problem), CHANGED)


class Audio(Worker):
    name = "audio"
    niceness = -11

    async def run(self) -> None:
        self._started_ns = time.monotonic_ns()
        sys.setswitchinterval(GIL_SWITCH_S)
        native_output.separate()
        self._choices_file = self.paths.state / "audio.json"
        self._desk = MixingDesk(self.settings.audio, memory.load(self._choices_file))
        self._chain = self._desk.chain
        self._plane = MixPublisher(self.paths.run, self.bus.boot)
        self._chain.tap = self._plane.tap
        self._receiver = TalkerSubscriber(self.paths.run, self._chain.inbox)
        self._receiver.start()
        self._clocks: dict[str, RateControl] = {}
        self._elastic: ResampledRenderer | None = None
        self._ducker = Ducker(self.settings.audio.duck_db)
        self._listed: tuple[OutputDevice, ...] = ()
        self._devices: Devices | None = None
        self._output = Output(self._make_sink, self._render, self._told, self._doubts())
        self._opened = asyncio.Event()
        self._shown: tuple[str, str] = ("", "")
        self._saving = asyncio.Lock()
        self.spawn(self._output.run(), "output")
        self.bus.serve(SetGain, self._set_gain)
        self.bus.serve(SetMute, self._set_mute)
        self.bus.serve(SetSolo, self._set_solo)
        self.bus.serve(SetMaster, self._set_master)
        self.bus.serve(SelectDevice, self._select_device)
        self.bus.publish(Ducking(active=False, at=time.time()))
        self.spawn(self._tell(), "tell")
        self.spawn(self._watch_devices(), "devices")
        self.spawn(self._watch_party(), "party")
        gc.collect()
        gc.freeze()  # these objects are permanent, so the collector does not delay the callback to scan them
        await self.stopping.wait()

    async def stop(self) -> None:
        if hasattr(self, "_output"):
            await self._output.close()
            self._receiver.stop()
            self._plane.stop()
            if self._desk.unsaved:
                with contextlib.suppress(PartylineError):  # the heartbeat reports it
                    await self._save()

    # --- the sink ----------------------------------------------------------------------------------

    @property
    def _wanted(self) -> str:
        """Name of the device, or part of it. Empty means the system's default."""
        chosen = self._desk.choices.kept.device
        return self.settings.audio.device if chosen is None else chosen

    def _doubts(self) -> Callable[[], Awaitable[bool]] | None:
        """Return a check to pass before the device is opened, made in another process after a run that hung on it."""
        if self.settings.audio.sink != "device" or NO_ANSWER not in self.last_end:
            return None
        return lambda: device_list.answers(self._wanted)

    def _make_sink(self, *, rescan: bool) -> Sink:
        wanted = self.settings.audio
        match wanted.sink:
            case "device":
                return DeviceSink(self._wanted, wanted.latency_ms, channels=self._desk.channels, rescan=rescan)
            case "file":
                path = self.paths.home / Path(wanted.file or DEFAULT_FILE).expanduser()
                return FileSink(path, self.paths.state / "audio-file.json", 0 if rescan else self._started_ns)
            case "null":
                return NullSink()
            case unknown:
                assert_never(unknown)

    def _render(self, sink: Sink) -> Render:
        self._elastic = None
        if not sink.own_clock:
            return DirectRenderer(self._chain).render
        self._elastic = ResampledRenderer(self._chain, self._clocks.setdefault(sink.target, RateControl()))
        return self._elastic.render

    def _told(self, sink: Sink, error: SinkError | None) -> None:
        if error is None:
            for code in SINK_PROBLEMS:
                self.clear_problem(code)
            self.log.info("playing", sink=sink.kind, target=sink.target, latency_ms=round(sink.latency_ms, 1))
            self.set_health("running")
            self._check_routes(sink)
            self._opened.set()
        elif error.code == CHANGED:
            self.publish_problem(error.code, error.message, error.remedy, severity="note", new_occurrence=True)
        else:
            self.publish_problem(error.code, error.message, error.remedy)  # reported on each retry
            self.set_health("degraded", error.message)
            self._opened.set()
        if self._shown != (sink.kind, sink.target):
            self._shown = (sink.kind, sink.target)
            self._publish_state()
            self._publish_devices()

    def _check_routes(self, sink: Sink) -> None:
        places = sink.layout.places if isinstance(sink, DeviceSink) else ()
        left_out = [channel for channel, place in zip(self._desk.channels, places, strict=False) if not place]
        if left_out:
            self.publish_problem(
                NARROW,
                f"The sound device {sink.target!r} has no channel {' or '.join(map(str, left_out))}.",
                "Choose a wider device, or other channels in [audio.routes]; the mix has everybody meanwhile.",
                severity="warning",
            )
        else:
            self.clear_problem(NARROW)

    # --- devices -----------------------------------------------------------------------------------

    async def _watch_devices(self) -> None:
        signs: tuple[str, ...] | None = None
        default = os_audio.default_output()
        while True:
            if signs != (found := os_audio.sound_fingerprint()):
                signs = found
                await self._list_devices()
            before, default = default, os_audio.default_output() or default
            if before and default != before and not self._wanted and self.settings.audio.sink == "device":
                self._output.reopen(
                    SinkError(
                        CHANGED,
                        "The system's default output changed; the sound moves there.",
                        "`partyline device NAME` stays with one device.",
                    )
                )
            await asyncio.sleep(LOOK_S)

    async def _list_devices(self) -> None:
        self._listed = await device_list.list_now() or ()
        self._publish_devices()

    def _publish_devices(self) -> Devices:
        playing = self._output.playing
        current = playing.target if playing is not None and playing.kind == "device" else ""
        told = Devices(devices=self._listed, wanted=self._wanted, current=current)
        if told != self._devices:
            self._devices = told
            self.bus.publish(told)
        return told

    async def _select_device(self, request: SelectDevice) -> Devices:
        if self.settings.audio.sink != "device":
            raise PartylineError(
                f"The mix does not go to a device but to the {self.settings.audio.sink} sink.",
                'Set [audio] sink to "device", then `partyline restart audio`.',
                code="audio.no-device-sink",
            )
        await self._list_devices()
        name = device_list.called(self._listed, request.name).name if request.name else ""
        self._desk.choices.kept.device = name
        where = f"{name!r}" if name else "the system's default device"
        await self._save()
        self._opened.clear()
        self._output.reopen(SinkError(CHANGED, f"The sound moves to {where}.", "Nothing need be done."))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MOVED_S):
                await self._opened.wait()
        return self._publish_devices()

    # --- gains -------------------------------------------------------------------------------------

    async def _watch_party(self) -> None:
        async for received in self.bus.subscribe(PartyState):
            if isinstance(received.message, PartyState):
                self._desk.know(received.message.members)

    async def _set_gain(self, request: SetGain) -> Done:
        choice = self._desk.choices.set_gain(request.peer, request.gain_db)
        return await self._apply(f"{request.peer}: {choice.gain_db:+g} dB")

    async def _set_mute(self, request: SetMute) -> Done:
        choice = self._desk.choices.set_mute(request.peer, muted=request.muted)
        return await self._apply(f"{request.peer}: {'muted' if choice.muted else 'heard'}")

    async def _set_solo(self, request: SetSolo) -> Done:
        choice = self._desk.choices.set_solo(request.peer, solo=request.solo)
        return await self._apply(f"{request.peer}: {'solo' if choice.solo else 'one of all'}")

    async def _set_master(self, request: SetMaster) -> Done:
        self._desk.set_master(request)
        return await self._apply("The mix is as chosen.")

    async def _apply(self, said: str) -> Done:
        self._desk.refresh()
        self._publish_state()
        await self._save()
        return Done(message=said)

    async def _save(self) -> None:
        async with self._saving:
            self._desk.unsaved = False
            await asyncio.to_thread(memory.save, self._choices_file, self._desk.choices.dump())

    # --- publish -----------------------------------------------------------------------------------

    async def _tell(self) -> None:
        tick = 0
        while True:
            await asyncio.sleep(LEVELS_S)
            tick += 1
            for fault in (self._receiver.fault, self._plane.fault):
                if fault is not None:
                    raise fault
            self._desk.look()
            self._publish_levels(due=tick % STATE_TICKS == 0)
            if tick % STATE_TICKS == 0:
                self._publish_state()
                self._note_malformed()
            if tick % SAVE_TICKS == 0 and self._desk.unsaved:
                with contextlib.suppress(PartylineError):  # the heartbeat reports it
                    await self._save()

    def _publish_levels(self, *, due: bool) -> None:
        talkers = {peer: round(to_db(voice.take_peak()), 1) for peer, voice in list(self._chain.mixer.voices.items())}
        mix = round(to_db(self._chain.take_peak()), 1)
        loudest = max(talkers.values(), default=SILENCE_DB)
        if due or max(mix, loudest) > HEARD_DB:
            self.bus.publish(Levels(talkers=talkers, mix=mix))
        if self._ducker.look(loudest):
            self.bus.publish(Ducking(active=self._ducker.active, at=time.time()))

    def _publish_state(self) -> None:
        playing = self._output.playing
        if playing is None:
            return
        self.facts = {**playing.facts(), "mix frames lost": str(self._plane.lost)}
        clock = self._clocks.get(playing.target)
        self.bus.publish(
            msgspec.structs.replace(
                self._desk.state(playing, self.settings.audio.sink),
                clock_ppm=round(clock.ppm, 1) if clock is not None else 0.0,
                render_ms=round(self._elastic.take_slowest_ms(), 2) if self._elastic is not None else 0.0,
            )
        )

    def _note_malformed(self) -> None:
        if self._receiver.malformed > self.problem_count("audio.bad-frame"):
            self.publish_problem(
                "audio.bad-frame",
                "Something on the audio plane is no frame of this version.",
                "Restart media and audio, so that they are of one version.",
                severity="warning",
                new_occurrence=True,
            )
