"""The list of recordings as the bus shows it, and what is asked of its entries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from common.basic.values import ExportKind
from common.errors import PartylineError
from common.messages import RecordingList
from common.requests import Done
from common.run.worker import Worker
from common.system import file_manager
from workers.recorder.library.exporter import export
from workers.recorder.library.recording_library import RecordingLibrary

T = TypeVar("T")
RESCAN_S = 15.0
"""Seconds between two looks at the folder, which people change by other programs. One takes 2 ms for 500 recordings."""


class LibraryControl:
    def __init__(self, worker: Worker, library: RecordingLibrary) -> None:
        self._worker = worker
        self._library = library
        self._shown: RecordingList | None = None
        self._changed = asyncio.Event()
        self._changing = asyncio.Lock()
        """Held while one recording is changed, so that no two requests use one folder."""

    def on_change(self, _: Path | None = None) -> None:
        """Look at the folder soon."""
        self._changed.set()

    async def watch(self) -> None:
        """Publish the list whenever it changes."""
        while True:
            self._changed.clear()
            found = await asyncio.to_thread(self._library.scan)
            if found != self._shown:
                self._shown = found
                self._worker.bus.publish(found)
            try:
                async with asyncio.timeout(RESCAN_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def unfinished_clips(self) -> list[Path]:
        return self._library.unfinished_clips()

    async def rename(self, recording: str, name: str) -> Done:
        folder = await self._change(recording, lambda: self._library.rename(recording, name))
        return Done(message=f"{recording} is called {folder.name} now.")

    async def delete(self, recording: str) -> Done:
        await self._change(recording, lambda: self._library.delete(recording))
        return Done(message=f"{recording} is in the trash.")

    async def export(self, recording: str, kind: ExportKind) -> Done:
        files = await self._change(recording, lambda: export(self._library.find(recording), kind))
        return Done(message=f"{', '.join(file.name for file in files)} is in {files[0].parent}.")

    async def reveal(self, recording: str) -> Done:
        await asyncio.to_thread(lambda: file_manager.reveal(self._library.find(recording)))
        return Done()

    async def _change(self, recording: str, job: Callable[[], T]) -> T:
        async with self._changing:
            try:
                return await asyncio.to_thread(job)
            except OSError as error:
                raise PartylineError(
                    f"{recording[:80]} cannot be changed: {error.strerror or error}.",
                    "Check the folder of the recordings, its permissions and the space on its disk.",
                    code="recorder.folder",
                ) from error
            finally:
                self.on_change()
