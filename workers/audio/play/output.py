"""The output, which keeps a sink playing. It retries the wanted sink, and plays to the null sink until that opens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from common.basic.threads import in_thread
from common.errors import PartylineError
from workers.audio.sinks import CHECK_S, Render, Sink, SinkError
from workers.audio.sinks.device import CODE as NO_DEVICE
from workers.audio.sinks.null import NullSink
from workers.audio.system import os_audio

T = TypeVar("T")

RETRY_S = 0.25
ANEW = 4
"""Devices are rescanned on every 4th retry, and immediately after a change."""
EAGER_TRIES = 240
SLOWER = 40
"""After `EAGER_TRIES` failures in a row the retry interval is `SLOWER` times as long, until something changes."""
HUNG_S = 8.0
"""A native call that takes longer is taken as hung. The worker ends, and supervisord starts it again."""
ANSWERS_EVERY_S = 10.0
"""Seconds between two checks, in another process, whether a sound server that hung answers again."""
NO_ANSWER = "the sound server does not answer"
PROOF_S, MOST_PROOF_S = 2.0, 60.0
"""How long a stalled device may take to continue before it is reopened. The time doubles with each failure."""


class HungError(PartylineError):
    """A native call does not return, so this process cannot play sound any more."""

    code = "audio.hung"

    def __init__(self) -> None:
        super().__init__(NO_ANSWER, "The audio worker starts anew by itself.")


class Make(Protocol):
    def __call__(self, *, rescan: bool) -> Sink:
        """Return a sink of the wanted kind. `rescan` rescans devices, because something changed."""


class Output:
    """Cancel `run`, then call `close`. `told(sink, problem)` receives every change. None means no problem."""

    def __init__(
        self,
        make: Make,
        render: Callable[[Sink], Render],
        told: Callable[[Sink, SinkError | None], None],
        answers: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """`render` returns the source of one run of a sink. No device is opened before `answers` returns True."""
        self._make = make
        self._render = render
        self._told = told
        self.playing: Sink | None = None
        self._failures = 0
        self._signs: tuple[str, ...] = ()
        self._asked: SinkError | None = None
        self._doubted = False
        """The sink stalled, and must be steady before it is used again."""
        self._answers = answers
        self._candidate: Sink | None = None
        """The parked sink that is being checked for steadiness."""

    def reopen(self, why: SinkError) -> None:
        """Ask for the sink to be reopened, because another one is wanted."""
        self._asked = why

    async def run(self) -> None:
        rescan = False
        while True:
            trouble = await self._play_until_trouble(rescan=rescan)
            rescan = trouble is not None

    async def _play_until_trouble(self, *, rescan: bool) -> SinkError | None:
        """Return what ended it, or None if the sink did not open and no rescan of devices is due."""
        try:
            sink = await self._found(rescan=rescan)
        except SinkError as error:
            await self._stand_in(error)
            if error.stalled:
                return error  # its time to become steady is over: reopen it
            return error if await self._wait_to_retry() else None
        self._failures = 0
        self._doubted = False
        await self._switch(sink)
        self._told(sink, None)
        trouble = await self._watched(sink)
        if trouble.stalled:  # reopened at once it would stall again, but it may continue by itself
            sink.park()
            self._doubted = True
            self._candidate, self.playing = sink, None
            await self._stand_in(trouble)
        else:  # it may just have moved: reopen it before the null sink is used
            if trouble is self._asked:
                self._told(sink, trouble)
            await self.close()
        return trouble

    async def _wait_to_retry(self) -> bool:
        """Wait until the next retry, and return whether to rescan devices."""
        self._failures += 1
        signs = os_audio.sound_fingerprint()
        if self._answers is not None:
            return await self._wait_for_an_answer(signs)
        for _ in range(SLOWER if self._failures > EAGER_TRIES else 1):
            await asyncio.sleep(RETRY_S)
            if os_audio.sound_fingerprint() != signs or self._asked:
                self._failures = 0
                return True
        return self._failures % ANEW == 0 or self._failures > EAGER_TRIES

    async def _wait_for_an_answer(self, signs: tuple[str, ...]) -> bool:
        for _ in range(round(ANSWERS_EVERY_S / RETRY_S)):
            await asyncio.sleep(RETRY_S)
            if os_audio.sound_fingerprint() != signs:
                break
        return True

    async def _found(self, *, rescan: bool) -> Sink:
        if self._candidate is None:
            sink = await self._opened(rescan=rescan)
            if not self._doubted:
                return sink
            sink.park()
            self._candidate = sink
        return await self._steady()

    async def _opened(self, *, rescan: bool) -> Sink:
        self._asked = None
        if self._answers is not None:
            silent = SinkError(
                NO_DEVICE,
                "The sound server does not answer: nothing is played here. The mix for OBS and the recorder goes on.",
                "Restart the sound server, or this machine; the device is tried again by itself.",
            )
            await self._stand_in(silent)
            if not await self._answers():
                raise silent
            self._answers = None
        sink = self._make(rescan=rescan)
        await native(sink.open)
        return sink

    async def _steady(self) -> Sink:
        """Return the candidate once it takes sound again. Raises `SinkError` when it was closed instead."""
        sink = self._candidate
        assert sink is not None
        error: SinkError | None = None
        signs = os_audio.sound_fingerprint()
        for _ in range(round(min(MOST_PROOF_S, PROOF_S * 2 ** min(self._failures, 10)) / CHECK_S)):
            await asyncio.sleep(CHECK_S)
            error = sink.complaint()
            if sink.is_steady():
                self._candidate = None
                return sink
            if self._asked or (error and not error.stalled) or os_audio.sound_fingerprint() != signs:
                break
        self._failures += 1
        self._candidate = None
        await native(sink.close)
        raise self._asked or error or SinkError(sink.problem, f"{sink.target!r} takes no sound.", "Check it.")

    async def _watched(self, sink: Sink) -> SinkError:
        while True:
            await asyncio.sleep(CHECK_S)
            error = sink.complaint() or self._asked
            if error is not None:
                return error

    async def _stand_in(self, error: SinkError) -> None:
        if not isinstance(self.playing, NullSink):
            await self._switch(NullSink())
        assert self.playing is not None
        self._told(self.playing, error)

    async def _switch(self, sink: Sink) -> None:
        await self._close(self.playing)
        self.playing = sink
        sink.play(self._render(sink))

    async def close(self) -> None:
        playing, self.playing = self.playing, None
        candidate, self._candidate = self._candidate, None
        await self._close(playing)
        await self._close(candidate)

    @staticmethod
    async def _close(sink: Sink | None) -> None:
        if sink is not None:
            await native(sink.close)


async def native(job: Callable[[], T]) -> T:
    """Run `job`, which may block or hang in native code. Raises `HungError` after `HUNG_S`."""
    try:
        return await in_thread(job, name="sink", wait_s=HUNG_S)
    except TimeoutError:
        raise HungError from None
