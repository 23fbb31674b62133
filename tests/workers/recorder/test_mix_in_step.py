"""The mix lies on the stems to the sample, whatever the device's clock, the delay knob and late frames do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, RECORD_PEER, SAMPLE_RATE, AudioFrame, Recording
from common.requests import SetMaster, StartRecording, StopRecording
from tests.support.correlate import best_match, windows
from tests.workers.audio.heard.hearing import levels, plays
from tests.workers.audio.rig import Home, Talkers, babble, peer, watching
from tests.workers.recorder.rig import TICK_NS, decoded
from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import MIX, Timeline, position

ORIGIN = 7_000_000_123
SECONDS = 20
LATE_TICKS = range(700, 706)
"""Media stood still: these come 80 ms late, all at once."""


class Party:
    """Two talkers, a device whose clock is off, and a recorder's time line; in simulated time."""

    def __init__(self, ppm: float) -> None:
        self.spoken = {name: babble(SECONDS, seed=number, level=0.2) for number, name in enumerate(("1.PS5", "2.PS5"))}
        self.chain = Chain(20, tap=self._tap)
        self._device = ResampledRenderer(self.chain, RateControl())
        self._timeline = Timeline(ORIGIN)
        self._step_ns = TICK_NS / (1 + ppm / 1e6)
        self._sounds: dict[str, list[NDArray[np.int16]]] = {"1": [], "2": [], MIX: []}

    def _tap(self, name: str, number: int, at_ns: float, samples: NDArray[np.float32]) -> None:
        if name == RECORD_PEER:
            at = position(int(at_ns), ORIGIN)
            self._timeline.place(MIX, at, np.rint(samples * 32768).astype("<i2").tobytes())

    def run(self, delays_ms: dict[int, float]) -> dict[str, NDArray[np.int16]]:
        """Return what is recorded of each; `delays_ms`: tick → what the knob is turned to then."""
        block, at_ns = np.zeros((1, FRAME_SAMPLES), np.float32), float(ORIGIN)
        for tick in range(SECONDS * 100):
            self.chain.delay.set_ms(delays_ms[tick]) if tick in delays_ms else None
            for came in [t for t in LATE_TICKS if tick == LATE_TICKS.stop + 2] + [tick] * (tick not in LATE_TICKS):
                self._come(came, ORIGIN + tick * TICK_NS)
            while at_ns < ORIGIN + (tick + 1) * TICK_NS:
                self._device.render(block, int(at_ns))
                at_ns += self._step_ns
            self._keep(tick * FRAME_SAMPLES - SAMPLE_RATE)
        self._keep(SECONDS * SAMPLE_RATE)
        return {name: np.concatenate(blocks) for name, blocks in self._sounds.items()}

    def _come(self, tick: int, received_ns: int) -> None:
        for name, sound in self.spoken.items():
            samples = sound[tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES].tobytes()
            header = AudioFrame(peer=name, boot="m", tick=tick, tick_ns=ORIGIN + tick * TICK_NS, sounding=True)
            self.chain.inbox.append(TalkerFrame(header, samples, received_ns))
            self._timeline.put(header, samples)

    def _keep(self, until: int) -> None:
        for closed in self._timeline.close(until):
            for name, blocks in self._sounds.items():
                blocks.append(closed.sounds.get(name, np.zeros(BLOCK, np.int16)))


@pytest.mark.parametrize("ppm", [0, 400, -400])
def test_the_mix_is_the_sum_of_the_stems_sample_by_sample_while_the_delay_is_changed(ppm: int) -> None:
    party = Party(ppm)
    found = party.run({300: 500.0, 900: 1200.0, 1300: 80.0})
    total = found["1"].astype(np.int32) + found["2"]
    same = np.abs(found[MIX] - total) <= 1  # rounded once more
    wrong = {int(tick) for tick in np.flatnonzero(~same) // FRAME_SAMPLES}
    beginning, end = set(range(5)), set(range(SECONDS * 100 - 12, SECONDS * 100))  # not queued up yet, not played yet
    assert wrong <= beginning | end | set(range(LATE_TICKS.start - 4, LATE_TICKS.stop + 8))
    assert party.chain.queue.underruns  # it did run dry, and is in step again afterwards
    stretch = found[MIX][SAMPLE_RATE * 8 : SAMPLE_RATE * 18]
    assert best_match(total, stretch, SAMPLE_RATE).offset_samples == SAMPLE_RATE * 8


async def test_recorded_for_real_the_mix_begins_with_its_talkers_though_it_is_heard_later() -> None:
    spoken = {peer(1): babble(60.0, seed=1, level=0.2), peer(2): babble(60.0, seed=2, level=0.2)}
    with Home(sink="null", delay_ms="700") as home:
        async with watching(home) as watcher:
            home.start("audio")
            home.start("recorder")
            await plays(watcher, "null")
            await watcher.sees("a recorder", lambda w: w.now(Recording))
            with Talkers(home.paths.run, spoken):
                folder = Path((await watcher.bus.request(StartRecording())).folder)
                await watcher.sees("both are heard", lambda w: len(levels(w)) == 2)
                await watcher.sees("2 s", lambda w: (r := w.now(Recording)) and r.seconds > 2)
                await watcher.bus.request(SetMaster(delay_ms=200.0))
                await watcher.sees("5 s", lambda w: (r := w.now(Recording)) and r.seconds > 5)
                await watcher.bus.request(StopRecording())
        mix, one, two = (decoded(folder / f"{name}.flac") for name in ("mix", "1001", "1002"))
    pieces = windows(mix, np.asarray(one.astype(np.int32) + two), SAMPLE_RATE)
    exact = [piece for piece in pieces if piece.correlation > 0.999]
    assert len(exact) > len(pieces) // 2  # all, unless the machine is so busy that frames came late
    assert {piece.offset_samples for piece in exact} == {0}
