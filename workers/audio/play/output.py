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
from workers.audio.play.device_signs import DeviceSigns
from workers.audio.play.output_states import TABLE, OutputEvent, OutputState
from workers.audio.play.retry_schedule import RETRY_S, RetrySchedule
from workers.audio.sinks import CHECK_S, ProvableSink, Render, Sink, SinkError
from workers.audio.sinks.device import CODE as NO_DEVICE
from workers.audio.sinks.null import NullSink

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
        super().__init__(NO_ANSWER, "The sound restarts by itself.")


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

    def is_needed(self) -> bool:
        """Return whether the wanted sink has to be open."""

    def signs(self) -> tuple[str, ...]:
        """Return what changes when devices or sound servers come or go, without asking the system now."""

    async def device_answers(self) -> bool:
        """Return whether the device opens or refuses in time, tried in another process."""

    def on_playing(self, sink: Sink) -> None:
        """Report that the wanted sink plays."""

    def on_problem(self, sink: Sink, error: SinkError) -> None:
        """Report that the wanted sink cannot play, and that `sink` plays instead. Called on each retry."""

    def on_reopening(self, sink: Sink, reason: Reopen) -> None:
        """Report that a requested reopen begins. `sink` played until now."""

    def on_resting(self, sink: Sink) -> None:
        """Report that the wanted sink is closed until it is needed, and that `sink` plays instead."""


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
        self._signs = DeviceSigns(surroundings.signs)
        self.state = OutputState.OPENING
        self.playing: Sink | None = None
        self.resting: Sink | None = None
        """The wanted sink while it is closed because it is not needed."""

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
            OutputState.RESTING: self._rest,
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
        self._signs.remember()
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
            if not self._surroundings.is_needed():
                return OutputEvent.NOT_NEEDED

    async def _wait_to_retry(self) -> OutputEvent:
        self._retries.record_failure()
        if self._must_answer:
            self._rescan = True
            await self._signs.wait_for_change(round(ANSWERS_EVERY_S / RETRY_S), RETRY_S)
            return OutputEvent.RETRY_DUE
        for _ in range(self._retries.waits):
            changed = await self._signs.wait_for_change(1, RETRY_S)
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
        for _ in range(round(self._retries.proof_s / CHECK_S)):
            await asyncio.sleep(CHECK_S)
            error = sink.poll()
            if sink.is_steady():
                return OutputEvent.STEADY
            if not self._surroundings.is_needed():
                return OutputEvent.NOT_NEEDED
            if self._reopen or (error and not error.stalled) or self._signs.have_changed:
                break  # what came or went since it was opened may be why it stalled
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

    async def _rest(self) -> OutputEvent:
        self._retries.clear()
        self._has_stalled = False
        self.resting, self._wanted = self._wanted, None
        if self.playing is self.resting:
            await self._switch(NullSink())
        else:
            await _close(self.resting)
        assert self.playing is not None
        self._surroundings.on_resting(self.playing)
        while not self._surroundings.is_needed():
            await asyncio.sleep(CHECK_S)
            self.playing.poll()  # raises its fault
        self.resting = None
        self._rescan = True  # devices may have changed meanwhile
        return OutputEvent.NEEDED

    # --- steps -------------------------------------------------------------------------------------

    async def _wait_for_answer(self) -> None:
        """Return once the sound server answers. Raises `SinkError` if it does not."""
        silent = _silent()
        await self._stand_in(silent)
        if not await self._surroundings.device_answers():
            raise silent
        self._must_answer = False

    async def _stand_in(self, error: SinkError) -> None:
        if not isinstance(self.playing, NullSink):
            await self._switch(NullSink())
        assert self.playing is not None
        self._surroundings.on_problem(self.playing, error)

    async def _switch(self, sink: Sink) -> None:
        await _close(self.playing)
        self.playing = sink
        sink.play(self._surroundings.make_render(sink))


def _silent() -> SinkError:
    return SinkError(
        NO_DEVICE,
        "The sound server does not answer, so nothing is played here. The mix for OBS and the recorder continues.",
        "Restart the sound server or this machine. The device is retried automatically.",
    )


async def _close(sink: Sink | None) -> None:
    if sink is not None:
        await call_native(sink.close)


async def call_native(job: Callable[[], T]) -> T:
    """Run `job`, which may block or hang in native code. Raises `HungError` after `HUNG_S`."""
    try:
        return await in_thread(job, name="sink", wait_s=HUNG_S)
    except TimeoutError:
        raise HungError from None
