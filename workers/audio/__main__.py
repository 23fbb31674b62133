"""audio: mixes the talkers and plays the mix. `python -m workers.audio`."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from pathlib import Path

from common.errors import PartylineError
from common.messages import Levels, MixerState, MixerTalker, Problem
from common.requests import Done, SetGain, SetMute
from common.worker import Worker, main
from workers.audio import native, remembered
from workers.audio.chain import Chain
from workers.audio.mixer import Voice, to_db
from workers.audio.output import Output
from workers.audio.receive import Receiver
from workers.audio.sinks import Sink, SinkError
from workers.audio.sinks.device import DeviceSink
from workers.audio.sinks.file import FileSink
from workers.audio.sinks.null import NullSink

LEVELS_S = 0.1
STATE_TICKS = 10
"""Every so many levels the mixer's state is told."""
HEARD_DB = -90.0
GIL_SWITCH_S = 0.0005
"""The device's callback waits at most so long for another Python thread, not for Python's usual 5 ms."""
DEFAULT_FILE = "party.wav"
SINK_PROBLEMS = ("audio.no-device", "audio.file")


class Audio(Worker):
    name = "audio"
    niceness = -11

    async def run(self) -> None:
        self._started_ns = time.monotonic_ns()
        sys.setswitchinterval(GIL_SWITCH_S)
        native.part_noise()
        for code in SINK_PROBLEMS:  # a run that was killed may have left one standing
            self.bus.clear(Problem, f"{self.name}.{code}")
        self._choices_file = self.paths.state / "audio.json"
        self._choices = self._load_choices()
        wanted = self.settings.audio
        self._chain = Chain(wanted.queue_ms, wanted.gain_db, self._new_voice)
        self._receiver = Receiver(self.paths.run, self._chain.inbox)
        self._receiver.start()
        self._output = Output(self._make_sink, self._chain.render, self._told)
        self._shown: tuple[str, str] = ("", "")
        self._saving = asyncio.Lock()
        self.spawn(self._output.run(), "output")
        self.bus.serve(SetGain, self._set_gain)
        self.bus.serve(SetMute, self._set_mute)
        self.spawn(self._tell(), "tell")
        gc.collect()
        gc.freeze()  # what is there now stays: the collector need not stop the callback to look at it
        await self.stopping.wait()

    async def stop(self) -> None:
        if hasattr(self, "_output"):
            await self._output.close()
            self._receiver.stop()

    # --- the sink ----------------------------------------------------------------------------------

    def _make_sink(self, *, anew: bool) -> Sink:
        wanted = self.settings.audio
        if wanted.sink == "device":
            return DeviceSink(wanted.device, wanted.latency_ms, anew=anew)
        if wanted.sink == "file":
            path = self.paths.home / Path(wanted.file or DEFAULT_FILE).expanduser()
            return FileSink(path, self.paths.state / "audio-file.json", 0 if anew else self._started_ns)
        return NullSink()

    def _told(self, sink: Sink, error: SinkError | None) -> None:
        if error is None:
            for code in SINK_PROBLEMS:
                self.solved(code)
            self.log.info("playing", sink=sink.kind, target=sink.target, latency_ms=round(sink.latency_ms, 1))
            self.set_health("running")
        else:
            self.problem(error.code, error.message, error.remedy)
            self.set_health("degraded", error.message)
        if self._shown != (sink.kind, sink.target):
            self._shown = (sink.kind, sink.target)
            self._publish_state()

    # --- gains -------------------------------------------------------------------------------------

    def _load_choices(self) -> remembered.Choices:
        try:
            return remembered.load(self._choices_file)
        except PartylineError as error:
            self.problem_of(error, severity="warning")
            return remembered.Choices()

    def _new_voice(self, peer: str) -> Voice:
        choice = self._choices.of(peer)
        return Voice(choice.gain_db, muted=choice.muted)

    async def _set_gain(self, request: SetGain) -> Done:
        choice = self._choices.set_gain(request.peer, request.gain_db)
        return await self._apply(request.peer, choice, f"{choice.gain_db:+g} dB")

    async def _set_mute(self, request: SetMute) -> Done:
        choice = self._choices.set_mute(request.peer, muted=request.muted)
        return await self._apply(request.peer, choice, "muted" if choice.muted else "heard")

    async def _apply(self, peer: str, choice: remembered.Choice, what: str) -> Done:
        account = self._choices.account(peer)
        for present, voice in list(self._chain.mixer.voices.items()):
            if present.partition(".")[0] == account:
                voice.set(choice.gain_db, muted=choice.muted)
        self._publish_state()
        async with self._saving:
            await asyncio.to_thread(remembered.save, self._choices_file, self._choices.dump())
        return Done(message=f"{peer}: {what}")

    # --- what is told ------------------------------------------------------------------------------

    async def _tell(self) -> None:
        tick = 0
        while True:
            await asyncio.sleep(LEVELS_S)
            tick += 1
            if self._receiver.fault is not None:
                raise self._receiver.fault
            self._publish_levels(due=tick % STATE_TICKS == 0)
            if tick % STATE_TICKS == 0:
                self._publish_state()
                self._note_malformed()

    def _publish_levels(self, *, due: bool) -> None:
        talkers = {peer: self._level(voice.take_peak()) for peer, voice in list(self._chain.mixer.voices.items())}
        mix = self._level(self._chain.take_peak())
        if due or max((mix, *talkers.values())) > HEARD_DB:
            self.bus.publish(Levels(talkers=talkers, mix=mix))

    @staticmethod
    def _level(peak: float) -> float:
        return round(to_db(peak), 1)

    def _publish_state(self) -> None:
        playing = self._output.playing
        if playing is None:
            return
        self.facts = playing.facts()
        chain = self._chain
        self.bus.publish(
            MixerState(
                sink=playing.kind,
                wanted_sink=self.settings.audio.sink,
                target=playing.target,
                latency_ms=round(playing.latency_ms, 1),
                limited_frames=chain.limiter.limited,
                played_frames=chain.played,
                talkers=tuple(self._talker(peer) for peer in list(chain.playout.talkers)),
            )
        )

    def _talker(self, peer: str) -> MixerTalker:
        counts = self._chain.playout.talkers.get(peer)
        choice = self._choices.of(peer)
        queue_ms, age_ms = self._chain.take_delays(peer)
        return MixerTalker(
            peer=peer,
            gain_db=choice.gain_db,
            muted=choice.muted,
            frames=counts.frames if counts else 0,
            missing=counts.missing if counts else 0,
            dropped=counts.dropped if counts else 0,
            queue_ms=round(queue_ms, 2),
            age_ms=round(age_ms, 2),
        )

    def _note_malformed(self) -> None:
        if self._receiver.malformed > self.problem_count("audio.bad-frame"):
            self.problem(
                "audio.bad-frame",
                "Something on the audio plane is no frame of this version.",
                "Restart media and audio, so that they are of one version.",
                severity="warning",
            )


if __name__ == "__main__":
    main(Audio)
