"""Child processes for the parts of the benchmark, called through pipes, so that none disturbs another's clock."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from workers.media.worker import Media

ANSWER_S = 300.0


class ChildError(RuntimeError):
    """The failure of a part, with its cause."""


class Child:
    """Runs ``make()`` in a new process. `call` calls one of its coroutines."""

    def __init__(self, make: Callable[[], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(make, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def call(self, method: str, *arguments: Any) -> Any:
        self._pipe.send((method, arguments))
        if not self._pipe.poll(ANSWER_S):
            raise ChildError(f"{method} did not end within {ANSWER_S:.0f} s")
        fault, answer = self._pipe.recv()
        if fault:
            raise ChildError(fault)
        return answer

    def end(self) -> None:
        with suppress(OSError):
            self._pipe.send(None)
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()


def _main(make: Callable[[], Any], pipe: Connection) -> None:
    with suppress(OSError):  # only root gets it, as in the worker
        os.nice(Media.niceness)
    asyncio.run(_serve(make, pipe))
    os._exit(0)  # aiortc's decoder threads would keep it alive


async def _serve(make: Callable[[], Any], pipe: Connection) -> None:
    part = make()
    while True:
        try:
            asked = await asyncio.to_thread(pipe.recv)
        except EOFError:
            return
        if asked is None:
            return
        method, arguments = asked
        try:
            answer = await getattr(part, method)(*arguments)
        except Exception as error:  # noqa: BLE001  # it is reported to the caller
            pipe.send((f"{method}: {type(error).__name__}: {error}", None))
        else:
            pipe.send(("", answer))
