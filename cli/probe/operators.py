"""The operator of the console, who does what partyline cannot. A rehearsal uses the simulator's consoles instead."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from cli.shared.terminal import Style, echo

ActionKind = Literal["join", "join second", "leave", "come back", "have a party", "speak"]


@dataclass(frozen=True)
class ConsoleAction:
    """An action at a console."""

    kind: ActionKind
    instruction: str
    session_id: str = ""
    peer: str = ""
    """Peer key of the console, if known."""
    waited_for: bool = True
    """Whether the run detects that it is done."""


class Operator(Protocol):
    async def agree(self, question: str) -> bool:
        """Ask whether to continue with an action that others can see."""
        ...

    async def answer(self, question: str) -> str:
        """Ask for a text. Return "" if none was given."""
        ...

    def request(self, action: ConsoleAction) -> contextlib.AbstractAsyncContextManager[asyncio.Event]:
        """Request an action. The yielded event is set if the action is refused."""
        ...


class TerminalOperator:
    """A person at the terminal. With `asks` False instructions are printed, but no questions."""

    def __init__(self, *, asks: bool) -> None:
        self._asks = asks
        self._style = Style.of(sys.stdout)
        self._keyboard = Keyboard()

    async def agree(self, question: str) -> bool:
        if not self._asks:
            return True
        echo(f"  {question} [y/N]")
        return (await self._keyboard.line()).casefold() in ("y", "yes")

    async def answer(self, question: str) -> str:
        if not self._asks:
            return ""
        echo(f"  {question}")
        return await self._keyboard.line()

    @asynccontextmanager
    async def request(self, action: ConsoleAction) -> AsyncIterator[asyncio.Event]:
        declined = asyncio.Event()
        echo(self._style(f"  → {action.instruction}", "bold"))
        if not self._asks or not action.waited_for:
            yield declined
            return
        echo(self._style("    (Press Enter if you cannot do that.)", "dim"))

        async def listen() -> None:
            await self._keyboard.line()
            declined.set()

        listening = asyncio.create_task(listen())
        try:
            yield declined
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


class Keyboard:
    """Lines of standard input, without a thread that would outlive Ctrl-C."""

    def __init__(self) -> None:
        self._left = b""
        self._over = False

    async def line(self) -> str:
        """Return the next line, without its end, or "" at the end of the input."""
        while b"\n" not in self._left and not self._over:
            await self._readable()
            came = os.read(sys.stdin.fileno(), 4096)
            self._left += came
            self._over = not came
        line, _, self._left = self._left.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(sys.stdin.fileno(), ready.set)
        except (OSError, ValueError):
            return  # a file or /dev/null, which never blocks
        try:
            await ready.wait()
        finally:
            loop.remove_reader(sys.stdin.fileno())
