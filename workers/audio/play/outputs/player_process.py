"""The process of one further output (`outputs.player`), started again whenever it ends."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import structlog

from common.basic.clock import boot_s
from common.run.lives import Lives, begin
from workers.audio.play.outputs.lines import HUNG, LONGEST_LINE, PlayerOrder, PlayerReport, line

COMMAND = (sys.executable, "-m", "workers.audio.play.outputs.player")
SILENT_S = 15
"""A process without a report for this time is taken as hung, and killed. Chosen longer than `play.output.HUNG_S`, after
which it ends by itself, and than Python takes to start on a busy machine. Counted in looks, one a second, so that a
pause of this process does not count."""
END_S = 4.0
"""How long it may take to end once its orders end. Chosen longer than `player.CLOSE_S`."""
LEAST_WAIT_S = 0.5
"""Least time between an end and the next start."""
LAST_WORDS = 2000
"""Bytes of its standard error that are kept for the log."""


class PlayerProcess:
    """`run` until cancelled. `order` is given to the process at its start and whenever it changes."""

    def __init__(
        self,
        name: str,
        run_folder: Path,
        order: PlayerOrder,
        on_report: Callable[[], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        """`on_report` is called for each report, and when the process ended. `command` is for tests."""
        self._command = (*command, str(run_folder))
        self._order = order
        self._on_report = on_report
        self._log = structlog.get_logger("audio").bind(worker="audio", output=name)
        self._process: asyncio.subprocess.Process | None = None
        self._lives = Lives()
        self._silent = 0
        self._has_hung = False
        self._words = b""
        self.report: PlayerReport | None = None
        """The last report of the present process."""
        self.ended = ""
        """How the last process ended, while it is not replaced yet by one that reports."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def send(self, order: PlayerOrder) -> None:
        if order != self._order:
            self._order = order
            self._write(order)

    def _write(self, order: PlayerOrder) -> None:
        stdin = self._process.stdin if self._process is not None else None
        if stdin is not None and not stdin.is_closing():
            with contextlib.suppress(ConnectionError):  # it has ended, and the next one gets the order at its start
                stdin.write(line(order))

    async def run(self) -> None:
        try:
            while True:
                self._lives, wait_s = begin(self._lives, boot_s())
                await asyncio.sleep(wait_s)
                await self._live()
                await asyncio.sleep(LEAST_WAIT_S)
        finally:
            await self._end()

    async def _live(self) -> None:
        """Run one process until it ends."""
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command,
                *(["--must-answer"] if self._has_hung else []),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                limit=LONGEST_LINE,
            )
        except OSError as error:  # no descriptors, no memory, no processes left
            self._note_end(f"it cannot be started: {error.strerror or error}")
            return
        self._silent, self._words = 0, b""
        self._write(self._order)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch(process))
            listening = group.create_task(self._listen(process))
            group.create_task(self._read_words(process))
            code = await process.wait()
            watching.cancel()
            await asyncio.wait([listening], timeout=1)
            listening.cancel()
        self._process = None
        self._has_hung = self._has_hung or code == HUNG
        self._note_end(_how(code, hung=self._has_hung))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while text := await process.stdout.readline():
            try:
                report = msgspec.json.decode(text, type=PlayerReport)
            except msgspec.DecodeError:
                continue  # its line was cut off by its end
            self._silent = 0
            self._has_hung = self._has_hung and report.phase != "playing"
            self.report, self.ended = report, ""
            self._on_report()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        while True:
            await asyncio.sleep(1)
            self._silent += 1
            if self._silent >= SILENT_S:
                self._has_hung = True
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return

    async def _read_words(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(4096):
            self._words = (self._words + chunk)[-LAST_WORDS:]

    def _note_end(self, how: str) -> None:
        self.report, self.ended = None, how
        words = self._words.decode("utf-8", "replace").strip()
        self._log.warning("the process of a further output ended", how=how, last_words=words)
        self._on_report()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()  # it then closes its device and ends
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _how(code: int, *, hung: bool) -> str:
    if hung:
        return "its sound device or server did not answer"
    return f"signal {-code} ended it" if code < 0 else f"it failed (exit code {code})"
