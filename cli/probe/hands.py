"""Who does what partyline cannot: the person at the console. In a rehearsal the simulator's consoles are moved."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from cli.output import Style, say

Deed = Literal["join", "join second", "leave", "come back", "have a party", "speak"]


@dataclass(frozen=True)
class Wish:
    """Something to be done at a console."""

    deed: Deed
    words: str
    """What the person is asked to do."""
    session_id: str = ""
    peer: str = ""
    """Peer key of the console that is meant, where it is known."""


class Hands(Protocol):
    async def agree(self, question: str) -> bool:
        """Ask whether to go on with something that others can see."""
        ...

    async def answer(self, question: str) -> str:
        """Ask for a text; empty: none."""
        ...

    def please(self, wish: Wish) -> contextlib.AbstractAsyncContextManager[asyncio.Event]:
        """Have something done; the event that the block gets is set when it will not be done."""
        ...


class Person:
    """A person at the terminal. `asks` False: no questions, though what is to be done is still said."""

    def __init__(self, *, asks: bool) -> None:
        self._asks = asks
        self._style = Style.of(sys.stdout)

    async def agree(self, question: str) -> bool:
        if not self._asks:
            return True
        say(f"  {question} [y/N]")
        return (await line()).strip().casefold() in ("y", "yes")

    async def answer(self, question: str) -> str:
        if not self._asks:
            return ""
        say(f"  {question}")
        return (await line()).strip()

    @asynccontextmanager
    async def please(self, wish: Wish) -> AsyncIterator[asyncio.Event]:
        wont = asyncio.Event()
        say(self._style(f"  → {wish.words}", "bold"))
        if not self._asks:
            yield wont
            return
        say(self._style("    (Enter: I cannot do that)", "dim"))

        async def listen() -> None:
            await line()
            wont.set()

        listening = asyncio.create_task(listen())
        try:
            yield wont
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def line() -> str:
    """Return the next line of standard input, without a thread that would outlive Ctrl-C; empty at its end."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(sys.stdin, _set, ready)
    except (OSError, ValueError):  # a file, /dev/null or nothing at all: reading it never waits
        with contextlib.suppress(OSError, ValueError):
            return sys.stdin.readline()
        return ""
    try:
        await ready
        return sys.stdin.readline()
    finally:
        loop.remove_reader(sys.stdin)
