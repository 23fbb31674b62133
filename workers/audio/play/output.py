"""The output, which keeps a sink playing. It retries the wanted sink, and plays to the null sink until that opens.

`output_states` has its states and their table. Each state is one method here, which returns the event that ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from common.basic.threads import in_thread
from common.errors import PartylineError
from workers.audio.play.output_states import TABLE, OutputEvent, OutputState
from workers.audio.play.retry_schedule import RETRY_S, RetrySchedule
from workers.audio.sinks import CHECK_S, ProvableSink, Render, Sink, SinkError
from workers.audio.sinks.device import CODE as NO_DEVICE
from workers.audio.sinks.null import NullSink
from workers.audio.system import os_audio

T = TypeVar("T")

HUNG_S = 8.0
"""A native call that takes longer is taken as hung. The worker ends, and supervisord starts it again. Chosen to be
longer than a device takes to open on a busy machine."""
ANSWERS_EVERY_S = 10.0
"""Seconds between two checks, in another process, whether a sound server that hung answers again."""
NO_ANSWER = "the sound server does not answer"


class HungError(PartylineError):
    """A native call does not return, so this process cannot play sound any more."""

    code = "audio.hung"

    def __init__(self) -> None:
        super().__init__(NO_ANSWER, "The audio worker restarts by itself.")


@dataclass(frozen=True, slots=True)
class Reopen:
    """A request to reopen the sink, because another one is wanted. It is no error."""

    message: str
    remedy: str


class OutputSurroundings(Protocol):
    """What the output needs from the worker."""

    def make_sink(self, *, rescan: bool) -> Sink:
        """Return a sink of the wanted kind. `rescan` looks for devices again, because something changed."""

    def make_render(self, sink: Sink) -> Render:
        """Return the source of one run of a sink."""

    async def device_answers(self) -> bool:
        """Return whether the device opens or refuses in time, tried in another process."""

    def on_playing(self, sink: Sink) -> None:
        """Report that the wanted sink plays."""

    def on_problem(self, sink: Sink, error: SinkError) -> None:
        """Report that the wanted sink cannot play, and that `sink` plays instead. Called on each retry."""

    def on_reopening(self, sink: Sink, reason: Reopen) -> None:
        """Report that a requested reopen begins. `sink` played until now."""


class Output:
    """Cancel `run`, then call `close`."""

    def __init__(self, surroundings: OutputSurroundings) -> None:
        self._surroundings = surroundings
        self._must_answer = False
        self._retries = RetrySchedule()
        self._rescan = False
        self._reopen: Reopen | None = None
        self._wanted: Sink | None = None
        """The wanted sink while it is open, whether it plays or is proved."""
        self._has_stalled = False
        """The wanted sink stalled, so it is proved after it was opened again."""
        self.state = OutputState.OPENING
        self.playing: Sink | None = None

    def reopen(self, reason: Reopen) -> None:
        """Request that the sink is reopened."""
        self._reopen = reason

    async def run(self, *, must_answer: bool = False) -> None:
        """Play until cancelled. With `must_answer`, no device is opened before it has answered in another process."""
        self._must_answer = must_answer
        methods = {
            OutputState.OPENING: self._open,
            OutputState.PLAYING: self._play,
            OutputState.STAND_IN: self._wait_to_retry,
            OutputState.PROVING: self._prove,
        }
        while True:
            event = await methods[self.state]()
            self.state = TABLE[self.state, event]

    async def close(self) -> None:
        playing, self.playing = self.playing, None
        wanted, self._wanted = self._wanted, None
        await _close(playing)
        if wanted is not playing:
            await _close(wanted)

    # --- a method for each state -------------------------------------------------------------------

    async def _open(self) -> OutputEvent:
        self._reopen = None
        try:
            if self._must_answer:
                await self._wait_for_answer()
            sink = self._surroundings.make_sink(rescan=self._rescan)
            await call_native(sink.open)
        except SinkError as error:
            await self._stand_in(error)
            return OutputEvent.REFUSED
        self._wanted = sink
        if self._has_stalled and isinstance(sink, ProvableSink):
            sink.park()
            return OutputEvent.OPENED_AFTER_STALL
        return OutputEvent.OPENED

    async def _play(self) -> OutputEvent:
        sink = self._wanted
        assert sink is not None
        self._retries.clear()
        self._has_stalled = False
        self._rescan = True  # whatever ends it has changed something
        await self._switch(sink)
        self._surroundings.on_playing(sink)
        while True:
            await asyncio.sleep(CHECK_S)
            error = sink.poll()
            if error is not None and error.stalled and isinstance(sink, ProvableSink):
                sink.park()  # reopened at once it would stall again, but it may continue by itself
                self._has_stalled = True
                self.playing = None
                await self._stand_in(error)
                return OutputEvent.STALLED
            if error is not None:
                await self.close()
                return OutputEvent.GONE
            if self._reopen is not None:
                self._surroundings.on_reopening(sink, self._reopen)
                await self.close()
                return OutputEvent.REOPEN

    async def _wait_to_retry(self) -> OutputEvent:
        self._retries.record_failure()
        before = os_audio.sound_fingerprint()
        if self._must_answer:
            self._rescan = True
            await self._wait_for_change(before, round(ANSWERS_EVERY_S / RETRY_S))
            return OutputEvent.RETRY_DUE
        for _ in range(self._retries.waits):
            changed = await self._wait_for_change(before, 1)
            if changed or self._reopen is not None:
                self._retries.clear()
                self._rescan = True
                return OutputEvent.REOPEN if self._reopen is not None else OutputEvent.RETRY_DUE
        self._rescan = self._retries.is_rescan_due
        return OutputEvent.RETRY_DUE

    async def _prove(self) -> OutputEvent:
        sink, playing = self._wanted, self.playing
        assert isinstance(sink, ProvableSink)
        assert playing is not None
        error: SinkError | None = None
        before = os_audio.sound_fingerprint()
        for _ in range(round(self._retries.proof_s / CHECK_S)):
            await asyncio.sleep(CHECK_S)
            error = sink.poll()
            if sink.is_steady():
                return OutputEvent.STEADY
            if self._reopen or (error and not error.stalled) or os_audio.sound_fingerprint() != before:
                break
        self._retries.record_failure()
        self._rescan = True
        self._wanted = None
        await _close(sink)
        if self._reopen is not None:
            self._retries.clear()
            self._surroundings.on_reopening(playing, self._reopen)
            return OutputEvent.REOPEN
        error = error or SinkError(sink.problem, f"{sink.target!r} takes no sound.", "Check it.")
        await self._stand_in(error)
        return OutputEvent.STALLED if error.stalled else OutputEvent.GONE

    # --- steps -------------------------------------------------------------------------------------

    async def _wait_for_answer(self) -> None:
        """Return once the sound server answers. Raises `SinkError` if it does not."""
        silent = SinkError(
            NO_DEVICE,
            "The sound server does not answer, so nothing is played here. The mix for OBS and the recorder continues.",
            "Restart the sound server or this machine. The device is retried automatically.",
        )
        await self._stand_in(silent)
        if not await self._surroundings.device_answers():
            raise silent
        self._must_answer = False

    async def _wait_for_change(self, before: tuple[str, ...], waits: int) -> bool:
        """Wait `waits` times `RETRY_S`. Return early, with True, when devices or sound servers come or go."""
        for _ in range(waits):
            await asyncio.sleep(RETRY_S)
            if os_audio.sound_fingerprint() != before:
                return True
        return False

    async def _stand_in(self, error: SinkError) -> None:
        if not isinstance(self.playing, NullSink):
            await self._switch(NullSink())
        assert self.playing is not None
        self._surroundings.on_problem(self.playing, error)

    async def _switch(self, sink: Sink) -> None:
        await _close(self.playing)
        self.playing = sink
        sink.play(self._surroundings.make_render(sink))


async def _close(sink: Sink | None) -> None:
    if sink is not None:
        await call_native(sink.close)


async def call_native(job: Callable[[], T]) -> T:
    """Run `job`, which may block or hang in native code. Raises `HungError` after `HUNG_S`."""
    try:
        return await in_thread(job, name="sink", wait_s=HUNG_S)
    except TimeoutError:
        raise HungError from None
