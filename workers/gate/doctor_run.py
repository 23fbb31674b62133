"""`partyline doctor` of this machine, for a paired one. It is a process of its own, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from common.errors import PartylineError
from common.messages.wire import MAX_BYTES

LIMIT_S = 60.0
"""More than the slowest check takes (25 s), and less than a gate waits for an answer."""


class DoctorRun:
    """Runs the command and returns the JSON that it prints."""

    def __init__(self, words: tuple[str, ...] = ("-m", "cli", "doctor", "--json")) -> None:
        self._words = words
        self._running = False

    async def run(self) -> bytes:
        """Return the JSON. Raises `PartylineError` if it runs already, takes too long or prints nothing."""
        if self._running:
            raise PartylineError("Its doctor is running already.", "Try again in a minute.", code="peers.busy")
        self._running = True
        try:
            out = await self._output()
        finally:
            self._running = False
        if not out.lstrip().startswith(b"{") or len(out) >= MAX_BYTES:
            raise PartylineError(
                "Its doctor ended without a result.", "Run `partyline doctor` on that machine.", code="peers.doctor"
            )
        return out

    async def _output(self) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *self._words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(LIMIT_S):
                out, _ = await process.communicate()
        except TimeoutError:
            raise PartylineError(
                f"Its doctor did not end within {LIMIT_S:g} s.", "Run `partyline doctor` there.", code="peers.doctor"
            ) from None
        finally:
            if process.returncode is None:  # also where the gate is closed meanwhile
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return out
