"""The output on a Mac that is made up: PortAudio, CoreAudio's list, and what AirPods do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support import mac
from tests.support.mac.portaudio import OutputStream, PortAudio
from tests.support.waiting import until
from workers.audio.play import output
from workers.audio.play.output import Output, Reopen
from workers.audio.sinks import Render, Sink, SinkError, device
from workers.audio.sinks.device import DeviceSink
from workers.audio.system import mac_stream, os_audio, sound_system
from workers.audio.system.sound_system import Snapshot, SoundSystem

pytestmark = pytest.mark.skipif(not mac.can_build(), reason="needs Linux and a C compiler")

PATIENCE_S = 30.0


class Mac:
    """`OutputSurroundings` with the real sink, on devices that come, go and change."""

    def __init__(self, wanted: str) -> None:
        self.library = PortAudio(paced=False)
        self.wanted = wanted
        self.ids: dict[str, int] = {}
        self.told: list[tuple[str, str]] = []
        self.system = SoundSystem(self._ask)
        for name in ("MacBook Air Speakers", "AirPods"):
            self.plug(name, 80 + len(self.ids))

    def plug(self, name: str, number: int) -> None:
        self.ids[name] = number
        self.library.devices = list(self.ids)

    def unplug(self, name: str) -> None:
        del self.ids[name]
        self.library.devices = list(self.ids)

    def device_of(self, _library: object, stream: OutputStream, **_more: object) -> int:
        return self.ids[self.library._listed[stream.device]]

    def _ask(self, watched: int) -> Snapshot:
        ids = tuple(self.ids.values())
        return Snapshot(time.monotonic_ns(), (str(ids),), "80", watched if watched not in ids else 0)

    @property
    def stream(self) -> OutputStream:
        return self.library.streams[-1]

    def make_sink(self, *, rescan: bool) -> Sink:
        return DeviceSink(self.wanted, 20, self.system, rescan=rescan)

    def make_render(self, _sink: Sink) -> Render:
        return lambda block, _now_ns: block.fill(0)

    def is_needed(self) -> bool:
        return True

    def signs(self) -> tuple[str, ...]:
        return self.system.snapshot.fingerprint

    async def device_answers(self) -> bool:
        return True

    def on_playing(self, sink: Sink) -> None:
        self.told.append((sink.target, ""))

    def on_problem(self, sink: Sink, error: SinkError) -> None:
        self.told.append((sink.target, error.message))

    def on_reopening(self, sink: Sink, reason: Reopen) -> None:
        self.told.append((sink.target, reason.message))

    def on_resting(self, sink: Sink) -> None:
        raise AssertionError

    async def until(self, found: Callable[[], object]) -> None:
        """Let the open devices call back until `found`."""

        def after_callbacks() -> object:
            for stream in self.library.streams:
                if not stream.closed and not stream.is_stuck:
                    stream.call()
            return found()

        await until(after_callbacks, lambda: f"it happens, after {self.told}", every_s=0.005)

    async def until_plays(self, name: str, streams: int) -> None:
        await self.until(lambda: len(self.library.streams) == streams and self.told[-1:] == [(name, "")])


@contextlib.asynccontextmanager
async def playing(monkeypatch: pytest.MonkeyPatch, wanted: str = "") -> AsyncIterator[Mac]:
    made = Mac(wanted)

    def library(*, rescan: bool) -> PortAudio:
        if rescan:
            made.library._terminate()
            made.library._initialize()
        return made.library

    made.library._initialize()
    for where, name, value in (
        (device, "_portaudio", library),
        (mac_stream, "device_of", made.device_of),
        (os_audio, "IS_MAC", True),
        (os_audio, "_PREFERRED", ()),
        (sound_system, "ASK_S", 0.01),
        (output, "RETRY_S", 0.02),
    ):
        monkeypatch.setattr(where, name, value)
    made.system.start()
    out = Output(made)
    task = asyncio.create_task(out.run())
    try:
        await made.until_plays(wanted or "MacBook Air Speakers", 1)
        await made.until(lambda: made.system.has_lost(0, 0) or made.system.snapshot.asked_ns)
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await out.close()
        made.system.stop()


async def test_another_sample_rate_ends_the_stream_and_it_is_opened_anew_without_a_stand_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with playing(monkeypatch) as made:
        made.stream.finish()
        await made.until_plays("MacBook Air Speakers", 2)
        assert made.library.initialized == 2  # PortAudio reads the new rate and latency
        assert {message for _, message in made.told} == {""}


async def test_airpods_that_turn_to_their_microphone_are_played_again_when_they_are_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with playing(monkeypatch, "AirPods") as made:
        made.library.refusals = 3
        made.stream.finish()
        await made.until_plays("AirPods", 2)
        assert any("the device changes" in message for _, message in made.told)


async def test_a_named_device_that_is_unplugged_is_missed_though_its_stream_goes_on_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with playing(monkeypatch, "AirPods") as made:
        made.unplug("AirPods")  # the stream slid to the speakers: it calls back as before
        await made.until(lambda: made.told[-1][1])
        assert "Looked for an output device whose name contains 'AirPods'" in made.told[-1][1]
        made.plug("AirPods", 99)
        await made.until_plays("AirPods", 2)


async def test_a_device_that_shows_its_end_as_a_mere_stall_is_opened_anew_without_the_wait_for_a_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mac_stream, "device_of", lambda *_a, **_k: 0)
    async with playing(monkeypatch) as made:
        monkeypatch.setattr("workers.audio.play.retry_schedule.PROOF_S", 1000.0)
        monkeypatch.setattr("workers.audio.play.retry_schedule.MOST_PROOF_S", 1000.0)
        made.system.watch(0)  # PortAudio does not say which device it is
        made.plug("MacBook Air Speakers", 97)
        made.stream.is_stuck = True
        await made.until_plays("MacBook Air Speakers", 2)
