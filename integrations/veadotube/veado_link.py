"""The connection to one veadotube: it follows its avatars' wishes, and leaves them as they were."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from common.config.integration_tables import VeadoAvatar
from common.errors import PartylineError
from integrations.veadotube import node_messages
from integrations.veadotube.avatar_control import AvatarControl
from integrations.veadotube.instances import VeadotubeAwayError
from integrations.veadotube.node_messages import NodeMessage
from integrations.veadotube.wishes import AvatarWish

WAITS_S = (1.0, 2.0, 5.0)
"""Waits before veadotube is looked for again, the last one for all further ones. Looking reads a few small files."""
OPEN_S = 5.0
CLOSE_S = 2.0
"""Time to leave everything as it was, at the end. supervisord waits 6 s before it kills."""
AGAIN_S = 5.0
"""How often the states are asked for while one is missing. Its avatar may not be loaded yet."""


class VeadoLink:
    def __init__(
        self, name: str, find: Callable[[], str], avatars: Mapping[str, VeadoAvatar],
        wishes: Callable[[], Mapping[str, AvatarWish]],
    ) -> None:  # fmt: skip
        """`find` returns the address, or raises `VeadotubeAwayError`. `wishes` are those of this moment."""
        self._find = find
        self._avatars = avatars
        self._wishes = wishes
        self._changed = asyncio.Event()
        self._log: structlog.stdlib.BoundLogger = structlog.get_logger("veadotube").bind(instance=name or "any")
        self._told: set[str] = set()

    def look(self) -> None:
        """Look at the wishes again."""
        self._changed.set()

    async def run(self) -> None:
        """Go on until cancelled. A veadotube that does not run is waited for."""
        tries = 0
        while True:
            try:
                address = await asyncio.to_thread(self._find)
                async with connect(node_messages.url(address), proxy=None, open_timeout=OPEN_S) as socket:
                    self._log.info("connected to veadotube", address=address)
                    self._told.clear()
                    tries = 0
                    await self._follow(socket, AvatarControl(self._avatars))
            except PartylineError as error:
                self._tell("waits for veadotube", error.message, error.remedy)
            except (OSError, TimeoutError, WebSocketException) as error:
                away = VeadotubeAwayError(f"veadotube does not answer: {error}.", "Is it still open?")
                self._tell("waits for veadotube", away.message, away.remedy)
            await asyncio.sleep(WAITS_S[min(tries, len(WAITS_S) - 1)])
            tries += 1

    async def _follow(self, socket: ClientConnection, control: AvatarControl) -> None:
        for text in node_messages.list_nodes():
            await socket.send(text)
        await _send(socket, control.opening())
        hearing = asyncio.create_task(self._hear(socket, control))
        try:
            while not hearing.done():
                self._changed.clear()
                await _send(socket, control.wish(self._wishes()))
                for problem in sorted(control.problems):
                    self._tell("a setting does not fit", problem, "Correct `[veadotube.avatars]`, or that avatar.")
                if not await self._rest(hearing, AGAIN_S if control.asking_again() else None):
                    await _send(socket, control.asking_again())
            hearing.result()
        except asyncio.CancelledError:
            await _close(socket, control)
            raise
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _rest(self, hearing: asyncio.Task[None], timeout_s: float | None) -> bool:
        """Wait until something changed, or the connection ended. Return False after `timeout_s`."""
        waiting = asyncio.create_task(self._changed.wait())
        try:
            done, _ = await asyncio.wait((waiting, hearing), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            return bool(done)
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _hear(self, socket: ClientConnection, control: AvatarControl) -> None:
        async for text in socket:
            match node_messages.decode(text):
                case NodeMessage() as message:
                    control.take(message)
                case frozenset() as nodes:
                    await _send(socket, control.take_nodes(nodes))
                case None:
                    continue
            self._changed.set()

    def _tell(self, event: str, problem: str, remedy: str) -> None:
        """Tell each problem once for each connection."""
        if problem not in self._told:
            self._told.add(problem)
            self._log.warning(event, error=problem, remedy=remedy)


async def _send(socket: ClientConnection, messages: list[NodeMessage]) -> None:
    for message in messages:
        await socket.send(node_messages.encode(message))


async def _close(socket: ClientConnection, control: AvatarControl) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await _send(socket, control.closing())
    except (ConnectionClosed, TimeoutError):
        return  # veadotube is gone, and with it what we had changed
