"""A console's connections, one per peer, as in a client with one RTCPeerConnection per peer.

The answer to an offer replaces the current connection, and the old transport closes at once. While a local offer waits
for its answer, the current connection stays up. It is restored when the offer fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from simulator.consoles.link import ConsoleLink
from simulator.consoles.microphone import EncodedPacket
from simulator.facts import rests_on
from simulator.facts.consoles import ONE_CONNECTION

UP_WITHIN_S = 20.0
"""A connection that is not up by then is closed."""


class ConsoleLinks:
    """The connections by peer key. `up` and `lost` are called with a peer key and the time in monotonic seconds."""

    def __init__(self, up: Callable[[str, float], None], lost: Callable[[str, float], None]) -> None:
        self.current: dict[str, ConsoleLink] = {}
        """The latest connection with each peer."""
        self._standing: dict[str, ConsoleLink] = {}
        """Connections that stay up while a local offer waits for its answer."""
        self._since: dict[str, float] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._up, self._lost = up, lost

    @property
    def any_connected(self) -> bool:
        return any(link.state == "connected" for link in self._all())

    def send(self, packet: EncodedPacket) -> None:
        for link in self._all():
            link.send(packet)

    async def offer(self, peer: str) -> str:
        """Begin a connection with a local offer and return it."""
        old = self.current.pop(peer, None)
        if old is not None and old.state == "connected":
            former = self._standing.pop(peer, None)
            self._standing[peer] = old
            old = former
        if old is not None:
            await old.close()
        return await self._begin(peer).offer()

    @rests_on(ONE_CONNECTION)
    async def answer(self, peer: str, offer: str) -> str:
        """Begin a connection that answers this offer, in place of every other. Raises `BadSdp`."""
        await self.close(peer)
        return await self._begin(peer).answer(offer)

    async def accept(self, peer: str, answer: str) -> None:
        """Apply the answer to the local offer and close the former connection. Raises `BadSdp`."""
        link = self.current.get(peer)
        if link is None:
            return  # it was closed meanwhile
        await link.accept(answer)
        if (old := self._standing.pop(peer, None)) is not None:
            await old.close()

    async def close(self, peer: str) -> None:
        for links in (self.current, self._standing):
            link = links.pop(peer, None)
            if link is not None:
                await link.close()

    def drop_all(self) -> None:
        """Close every connection in the background."""
        links = list(self._all())
        self.current.clear()
        self._standing.clear()
        for link in links:
            self._end(link)

    async def close_all(self) -> None:
        """Close every connection and wait for it."""
        self.drop_all()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def give_up_late(self, now: float) -> None:
        """Close the connections that are not up in time."""
        for peer, link in list(self.current.items()):
            if link.state == "connecting" and now - self._since[peer] > UP_WITHIN_S:
                await link.close()

    def _all(self) -> Iterable[ConsoleLink]:
        return [*self.current.values(), *self._standing.values()]

    def _begin(self, peer: str) -> ConsoleLink:
        link = self.current[peer] = ConsoleLink(peer, self._changed)
        self._since[peer] = time.monotonic()
        return link

    def _changed(self, link: ConsoleLink) -> None:
        if self.current.get(link.peer) is link and link.state == "connected":
            self._up(link.peer, time.monotonic())
        elif link.state in ("failed", "closed"):
            self._ended(link)

    def _ended(self, link: ConsoleLink) -> None:
        if self._standing.get(link.peer) is link:
            del self._standing[link.peer]
        elif self.current.get(link.peer) is link:
            del self.current[link.peer]
            former = self._standing.pop(link.peer, None)
            if former is not None and former.state == "connected":
                self.current[link.peer] = former
            else:
                self._lost(link.peer, time.monotonic())
        else:
            return
        self._end(link)

    def _end(self, link: ConsoleLink) -> None:
        task = asyncio.create_task(link.close())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
