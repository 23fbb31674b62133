"""The player: an output (`play.output`) on a chain of its own, whose only talker is the mix.

The chain brings the queue with its corrections, the output's gain, limiter and delay. The mix's frames come at the pace
of media's ticks, so the rate control follows the device as it does for the main output.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from common.messages import OUTPUT_PEER
from workers.audio.mix.chain import Chain
from workers.audio.mix.mixer import gain_factor
from workers.audio.play.output import Output, Reopen
from workers.audio.play.output_states import OutputState
from workers.audio.play.outputs.lines import Phase, PlayerOrder, PlayerReport
from workers.audio.play.outputs.player.mix_subscriber import MixSubscriber
from workers.audio.play.outputs.player.surroundings import PlayerSurroundings
from workers.audio.system.sound_system import SoundSystem

REPORT_S = 0.5


class Player:
    def __init__(self, run: Path, order: PlayerOrder, report: Callable[[PlayerReport], None]) -> None:
        self._order = order
        self._report = report
        self._chain = Chain(order.queue_ms)
        self._subscriber = MixSubscriber(run, self._chain.inbox)
        self._system = SoundSystem()
        self._surroundings = PlayerSurroundings(order, self._chain, self._system, self._publish)
        self._output = Output(self._surroundings)
        self._age_ms = 0.0
        self._apply()

    def follow(self, order: PlayerOrder) -> None:
        """Do from now on what `order` says."""
        before, self._order = self._order, order
        self._surroundings.follow(order)
        self._apply()
        if (order.device, order.latency_ms) != (before.device, before.latency_ms):
            self._output.reopen(Reopen("Another device was chosen.", ""))
        self._publish()

    def _apply(self) -> None:
        self._chain.mixer.master.change_to(0.0 if self._order.muted else gain_factor(self._order.gain_db))
        self._chain.delay.set_ms(self._order.delay_ms)

    async def run(self, *, must_answer: bool) -> None:
        """Play until cancelled. Raises what the output or a thread raises."""
        self._system.start()
        self._subscriber.start()
        playing = asyncio.create_task(self._output.run(must_answer=must_answer))
        try:
            while True:
                done, _ = await asyncio.wait([playing], timeout=REPORT_S)
                for task in done:
                    task.result()
                for fault in (self._subscriber.fault, self._system.fault):
                    if fault is not None:
                        raise fault
                self._publish()
        finally:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await playing
            self._system.stop()
            self._subscriber.stop()

    async def close(self) -> None:
        await self._output.close()

    def _publish(self) -> None:
        output, surroundings = self._output, self._surroundings
        sink = output.playing
        plays = output.state is OutputState.PLAYING and sink is not None
        shown = output.resting or (sink if plays else None)
        queue_ms, _ = self._chain.take_delays(OUTPUT_PEER)
        self._age_ms = queue_ms or self._age_ms
        counts = self._chain.queue.talkers.get(OUTPUT_PEER)
        self._report(
            PlayerReport(
                device=self._order.device,
                phase=_phase(output, plays=plays),
                target=shown.target if shown is not None else "",
                latency_ms=round(sink.latency_ms, 1) if plays and sink is not None else 0.0,
                age_ms=round(self._age_ms, 1),
                clock_ppm=round(surroundings.clock_ppm, 1),
                render_ms=round(surroundings.take_render_ms(), 2),
                spare_ms=round(self._chain.headroom.lowest_ms, 2),
                missing=counts.missing if counts else 0,
                dropped=counts.dropped if counts else 0,
                message=surroundings.message,
                remedy=surroundings.remedy,
                facts=sink.facts() if plays and sink is not None else {},
            )
        )


def _phase(output: Output, *, plays: bool) -> Phase:
    if output.resting is not None:
        return "resting"
    if plays:
        return "playing"
    return "starting" if output.playing is None and output.state is OutputState.OPENING else "waiting"
