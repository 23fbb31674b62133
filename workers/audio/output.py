"""Keeps a sink playing: opens the wanted one, lets the null sink stand in while it is not to be had, tries again."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from workers.audio import host
from workers.audio.sinks import CHECK_S, Render, Sink, SinkError
from workers.audio.sinks.null import NullSink

T = TypeVar("T")

RETRY_S = 1.0
EAGER_TRIES = 60
SLOWER = 10
"""After so many failures in a row it is tried so many times less often, unless something has changed."""
HUNG_S = 8.0
"""A native call that takes longer will not come back: the worker ends, and supervisord starts it anew."""
PROOF_S = 2.0
"""What a device that stalled has to show that it takes sound again."""


class Make(Protocol):
    def __call__(self, *, anew: bool) -> Sink:
        """Return a sink of the wanted kind; `anew`: something changed, look for devices again."""


class Output:
    """Runs until cancelled, then `close`. `told(sink, problem)` hears of every change; None: all is well."""

    def __init__(self, make: Make, render: Render, told: Callable[[Sink, SinkError | None], None]) -> None:
        self._make = make
        self._render = render
        self._told = told
        self.playing: Sink | None = None
        self._failures = 0

    async def run(self) -> None:
        anew = prove = False
        while True:
            trouble = await self._play_until_trouble(anew=anew, prove=prove)
            anew, prove = True, trouble.stalled

    async def _play_until_trouble(self, *, anew: bool, prove: bool) -> SinkError:
        try:
            sink = await self._opened(anew=anew, prove=prove)
        except SinkError as error:
            await self._stand_in(error)
            await self._wait_to_retry()
            return error
        self._failures = 0
        await self._switch(sink)
        self._told(sink, None)
        trouble = await self._watched(sink)
        if trouble.stalled:  # it would open again at once, and stall again
            await self._stand_in(trouble)
        else:  # it may just have moved: try it before anything else is done
            await self.close()
        return trouble

    async def _wait_to_retry(self) -> None:
        self._failures += 1
        signs = host.signs_of_sound()
        for _ in range(SLOWER if self._failures > EAGER_TRIES else 1):
            await asyncio.sleep(RETRY_S)
            if host.signs_of_sound() != signs:
                self._failures = 0
                return

    async def _opened(self, *, anew: bool, prove: bool) -> Sink:
        sink = self._make(anew=anew)
        await in_thread(sink.open)
        if prove:
            for _ in range(round(PROOF_S / CHECK_S)):
                await asyncio.sleep(CHECK_S)
                if sink.is_steady():
                    return sink
            error = sink.complaint() or SinkError(
                "audio.no-device",
                f"{sink.target!r} opens but takes no sound.",
                "Check the device or its sound server; it is used again as soon as it plays.",
            )
            await in_thread(sink.close)
            error.stalled = True
            raise error
        return sink

    async def _watched(self, sink: Sink) -> SinkError:
        while True:
            await asyncio.sleep(CHECK_S)
            error = sink.complaint()
            if error is not None:
                return error

    async def _stand_in(self, error: SinkError) -> None:
        if not isinstance(self.playing, NullSink):
            await self._switch(NullSink())
        assert self.playing is not None
        self._told(self.playing, error)

    async def _switch(self, sink: Sink) -> None:
        await self.close()
        self.playing = sink
        sink.play(self._render)

    async def close(self) -> None:
        sink, self.playing = self.playing, None
        if sink is not None:
            await in_thread(sink.close)


async def in_thread(job: Callable[[], T]) -> T:
    """Run `job`, which may block or hang in native code, in a daemon thread; raises `TimeoutError` after `HUNG_S`."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        outcome: tuple[T | None, BaseException | None]
        try:
            outcome = job(), None
        except BaseException as error:  # noqa: BLE001  # raised where it is awaited
            outcome = None, error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name="sink", daemon=True).start()
    async with asyncio.timeout(HUNG_S):
        return await done
