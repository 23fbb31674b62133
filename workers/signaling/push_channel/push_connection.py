"""One push connection, from the upgrade to its end: frames, pings, and when it counts as open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
import structlog

from common.basic.clock import boot_s
from common.config.tables import PsnSettings
from common.errors import PartyError
from common.psn.errors import PushFrameError
from common.psn.party import push
from common.psn.party.push import PushFrame
from common.run.wake import WOKE_S
from workers.signaling.push_channel.keep_alive import KeepAliveTiming, PingSchedule
from workers.signaling.push_channel.reconnect_policy import ConnectionEnd, FailureKind
from workers.signaling.push_channel.status_control import BROKEN, ConnectionTerms, StatusControl
from workers.signaling.push_channel.transactions import Transactions

NO_PONG = 4100
ORDERLY = 4101
"""Close codes of the app [app]."""
RETRY_TYPE_S = 30.0
"""In a party, a keep-alive type that the server did not accept is requested again after this time."""


class ConnectionEvents(Protocol):
    """What a connection reports."""

    def on_open(self) -> None:
        """Handle that the connection counts as open."""
        ...

    def on_frame(self, frame: PushFrame) -> None: ...

    def on_bad_frame(self, error: PushFrameError) -> None: ...

    def on_keep_alive(self, kind: int, timing: KeepAliveTiming) -> None:
        """Handle a ping, or another keep-alive type. Both show that the connection is alive."""
        ...

    def on_verifying(self, *, verifying: bool) -> None:
        """Handle whether the connection is being verified, since it may be dead after a pause of this machine."""
        ...


class PushConnection:
    """One connection. Call `run` once. It returns how the connection ended, and closes the socket."""

    def __init__(
        self,
        psn: PsnSettings,
        socket: aiohttp.ClientWebSocketResponse,
        terms: ConnectionTerms,
        timing: KeepAliveTiming,
        events: ConnectionEvents,
    ) -> None:
        self._psn = psn
        self._socket = socket
        self._events = events
        self._transactions = Transactions(self._send, psn.push_answer_s)
        self.status = StatusControl(psn, terms, self._transactions, self._verify)
        self._pings = PingSchedule(timing, boot_s())
        self.lost_at = 0.0
        """When the server lost us, after the connection has ended (seconds of `boot_s`)."""
        self.accepted = False
        """Whether it counts as open. 2.1 does at once, 3.0 after the answer to its 1003 or a long enough wait."""
        self._wanted_changed = asyncio.Event()
        self._pings_changed = asyncio.Event()
        self._end: asyncio.Future[ConnectionEnd] = asyncio.get_running_loop().create_future()
        self._code = ORDERLY
        self._paused = False
        self._log = structlog.get_logger("signaling")

    async def run(self, wants_voice_chat: Callable[[], bool]) -> ConnectionEnd:
        """Run until the connection ends. `wants_voice_chat` is called at each `check_wanted`."""
        jobs = [asyncio.create_task(job) for job in (self._read(), self._ping(), self._open(wants_voice_chat))]
        try:
            waited: list[asyncio.Future[Any]] = [self._end, *jobs]
            while not self._end.done():
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                for job in [job for job in waited if job.done() and job is not self._end]:
                    job.result()  # a failure here is our own fault
                    waited.remove(job)
            return self._end.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await self._close()

    def check_wanted(self) -> None:
        """Check the wanted keep-alive type again."""
        self._wanted_changed.set()

    def on_pause(self) -> None:
        """Check quickly whether the link has survived a pause of this machine or process, unless that is under way."""
        if self._paused:
            return
        self._paused = True
        self._events.on_verifying(verifying=True)
        self._verify()

    def end(self, end: ConnectionEnd, *, code: int = ORDERLY) -> None:
        """End the connection unless it has ended already."""
        if not self._end.done():
            self._code = code
            self.lost_at = self._pings.lost_at(boot_s())
            self._end.set_result(ConnectionEnd(end.failure, end.words, end.retry_s, self._paused))

    async def use(self, kind: int) -> None:
        """Switch to another keepAliveStatusType. Raises `PartyError` if the server does not."""
        timing = await self.status.switch(kind)
        if timing is not None:
            self._pings.change(timing, boot_s())
            self._pings_changed.set()
            self._events.on_keep_alive(kind, timing)

    # --- jobs -------------------------------------------------------------------------------------

    async def _open(self, wants_voice_chat: Callable[[], bool]) -> None:
        """Authorise the connection, then follow the wanted keep-alive type."""
        refused = await self.status.authorise()
        if refused is not None:
            return self.end(refused)
        self._accept()
        while True:
            self._wanted_changed.clear()
            kind = self._psn.keep_alive_type_party if wants_voice_chat() else self._psn.keep_alive_type
            wait_s = None
            try:
                await self.use(kind)
            except PartyError as error:
                self._log.warning("the keep-alive type was not switched", error=error.message)
                wait_s = RETRY_TYPE_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wanted_changed.wait()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                self._on_data(message.data)
            elif message.type is aiohttp.WSMsgType.PING:
                with contextlib.suppress(*BROKEN):
                    await self._socket.pong(message.data)
            elif message.type is aiohttp.WSMsgType.PONG:
                self._pings.on_pong()
                if self._paused:
                    self._paused = False
                    self._events.on_verifying(verifying=False)
            elif message.type is aiohttp.WSMsgType.ERROR:
                return self._lose(f"The connection broke ({type(message.data).__name__}).")
            else:
                # Odd codes (65535) have been seen. They mean a reconnect, not a crash.
                return self._lose(f"The server closed the connection (code {self._socket.close_code}).")

    def _on_data(self, raw: bytes | str) -> None:
        try:
            frame = push.read_frame(raw)
        except PushFrameError as error:
            self._events.on_bad_frame(error)
            return
        if frame.method == push.EVENT:
            self._accept()  # events come only on an accepted connection, answered or not
            self._events.on_frame(frame)
        else:
            self._transactions.on_answer(frame)

    async def _ping(self) -> None:
        """Ping as long as pongs come."""
        while True:
            now = boot_s()
            if self._pings.is_dead(now):
                return self._lose("No answer to the keep-alive: the link is dead.", NO_PONG)
            if self._pings.take_due(now):
                try:
                    await self._socket.ping()
                except BROKEN as error:
                    return self._lose(f"The keep-alive could not be sent ({type(error).__name__}).")
                self._events.on_keep_alive(self.status.kind, self._pings.timing)
            self._pings_changed.clear()
            planned = now + self._pings.wait_s(now)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(planned - now):
                    await self._pings_changed.wait()
            if boot_s() - planned > WOKE_S:  # the missing pong may be there, unread
                self.on_pause()

    # --- inside -----------------------------------------------------------------------------------

    def _accept(self) -> None:
        if not self.accepted:
            self.accepted = True
            self._events.on_open()

    def _verify(self) -> None:
        """Check quickly whether the link is alive, because it seems dead."""
        now = boot_s()
        if self._pings.server_gave_up(now):
            self._lose("This machine paused for so long that the server has given the connection up.")
        else:
            self._pings.ping_at_once(now)
            self._pings_changed.set()

    def _lose(self, words: str, code: int = ORDERLY) -> None:
        self.end(ConnectionEnd(FailureKind.LOST, words), code=code)

    async def _send(self, frame: bytes) -> None:
        await self._socket.send_str(frame.decode())

    async def _close(self) -> None:
        with contextlib.suppress(TimeoutError, *BROKEN):
            async with asyncio.timeout(1.0):
                await self._socket.close(code=self._code)
