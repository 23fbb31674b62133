"""What a worker does about files that could not be written or read: it tries again, and publishes a problem."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from common.files.state import NEWER_REMEDY, SET_ASIDE
from common.files.unsaved import UNSAVED
from common.run.reporter import ProblemReporter

DISK = "worker.disk"
STATE = "worker.state"


class UnsavedFiles:
    """Retries what could not be saved, and publishes problems of state files. `spawn` starts a task of the worker."""

    def __init__(self, problems: ProblemReporter, spawn: Callable[[Coroutine[Any, Any, None], str], Any]) -> None:
        self._problems = problems
        self._spawn = spawn
        self._published: tuple[str, str] | None = None
        self._is_retrying = False

    def poll(self) -> None:
        """Look after the files. Call it once a second."""
        if not self._is_retrying and UNSAVED.due():
            self._is_retrying = True
            self._spawn(self._retry(), "retry unsaved files")
        trouble = UNSAVED.words()
        if trouble is None:
            self._problems.clear(DISK)
        elif trouble != self._published:
            self._problems.publish(DISK, *trouble)
        self._published = trouble
        for file, message in SET_ASIDE.take():
            remedy = "partyline starts without its contents. Nothing else is affected."
            if SET_ASIDE.is_newer(file):
                remedy = NEWER_REMEDY
            self._problems.publish(f"{STATE}.{file.name}", message, remedy, severity="warning")

    async def _retry(self) -> None:
        try:
            await asyncio.to_thread(UNSAVED.retry)  # a slow disk must not interrupt the sound
        finally:
            self._is_retrying = False
