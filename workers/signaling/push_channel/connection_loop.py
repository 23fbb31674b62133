"""Connection loop of the push channel, at the rate that the reconnect policy and the gate allow."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

import aiohttp
import structlog

from common.basic.clock import boot_s
from common.errors import PartylineError
from common.psn.account.tokens import BusTokens
from common.psn.errors import NoSimulatorError, NotFoundError, RefusedError, UnauthorizedError
from common.psn.http.client import fingerprint
from common.requests import Token
from workers.signaling.push_channel.account_policy import AccountPolicy
from workers.signaling.push_channel.connector import CLOSE_S, ConnectError, Connector
from workers.signaling.push_channel.interruptions import NetworkDetector
from workers.signaling.push_channel.open_channel import OpenChannel, Opened
from workers.signaling.push_channel.reconnect_policy import ConnectionEnd, FailureKind, ReconnectPolicy
from workers.signaling.push_channel.state_publisher import StatePublisher
from workers.signaling.push_channel.status_control import ConnectionTerms

STARTING_S = 10.0
"""The simulator starts beside us. It may be missing for this long without a problem."""
SIGN_IN_POLL_S = 5.0
"""How often a missing sign-in is polled."""
TICK_S = 1.0


class ConnectionLoop:
    """Keeps a connection open. `run` and `watch` never return."""

    def __init__(
        self,
        connector: Connector,
        tokens: BusTokens,
        account: AccountPolicy,
        channel: OpenChannel,
        states: StatePublisher,
    ) -> None:
        self._connector = connector
        self._tokens = tokens
        self._account = account
        self._channel = channel
        self._states = states
        self._rejected = ""
        """Fingerprint of the token that the server refused."""
        self._began = time.monotonic()
        self._closing = False
        self._woken = asyncio.Event()
        self._log = structlog.get_logger("signaling")

    @property
    def _policy(self) -> ReconnectPolicy:
        return self._account.present

    async def run(self) -> None:
        while not self._closing:
            await self._rest(self._policy.next_at - boot_s())
            if self._policy.next_at > boot_s():
                continue
            try:
                token = await self._tokens.token(self._rejected)
            except PartylineError as error:
                self._states.publish_away(f"Waiting for a sign-in: {error.message}", self._policy.loss)
                await self._rest(SIGN_IN_POLL_S)
                continue
            self._rejected = ""
            self._account.on_account(token.account_id)
            await self._attempt(token)

    async def watch(self) -> None:
        """Watch for a new network, and an absence that is too long."""
        network = NetworkDetector()
        while True:
            await asyncio.sleep(TICK_S)
            has_new_route = network.has_new_route()
            if self._channel.is_open:
                self._channel.poll()
            elif has_new_route:
                self._retry_now()
            self._states.publish_if_gone(self._policy.loss)

    def wake(self) -> None:
        """End a wait for a sign-in, the next try, or the gate."""
        self._woken.set()

    def on_wake(self) -> None:
        """Handle that this machine slept or this process was stopped: verify what is open, or try again at once."""
        if self._channel.is_open:
            self._channel.on_wake()
        else:
            self._retry_now()

    def _retry_now(self) -> None:
        self._policy.retry_now(boot_s())
        self.wake()

    async def close(self) -> None:
        """Close what is open, quickly, and open nothing again."""
        self._closing = True
        self._channel.close("signaling is stopping")
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(2 * CLOSE_S):
                await self._channel.wait_closed()
                await self._connector.close()

    async def _rest(self, wait_s: float) -> None:
        """Wait for `wait_s`, or until `wake`."""
        if wait_s <= 0:
            return
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._woken.wait()

    async def _pass_gate(self) -> bool:
        """Take one of the few allowed connections. If there is none, wait until there is and return False."""
        wait_s = self._connector.opening_wait_s()
        if not wait_s:
            return True
        self._log.info("connection delayed: too many were tried recently", wait_s=round(wait_s, 1))
        self._states.publish_delay(self._policy.loss, boot_s() + wait_s)
        await self._rest(wait_s)  # a wake ends it, since the gate's clock runs on in sleep
        return False

    async def _attempt(self, token: Token) -> None:
        """Run one connection, from its opening to its end."""
        protocol = self._policy.protocol
        try:
            if not await self._pass_gate():
                return
            server = await self._connector.server(protocol, self._channel.status_type(protocol), token)
            self._policy.set_retry_interval(*server.retry_s)
            reconnection = self._policy.is_reconnection(boot_s())
            socket = await self._connector.connect(server, protocol, token, reconnection=reconnection)
        except ConnectError as error:
            self._record_end(ConnectionEnd(error.failure, str(error)), token)
        except (RefusedError, NotFoundError) as error:
            self._record_end(ConnectionEnd(FailureKind.REFUSED, error.message), token)
        except UnauthorizedError as error:
            self._record_end(ConnectionEnd(FailureKind.UNAUTHORIZED, error.message), token)
        except PartylineError as error:  # unreachable, an invalid host name, no simulator, the rate limit
            starting = isinstance(error, NoSimulatorError) and time.monotonic() - self._began < STARTING_S
            self._record_end(ConnectionEnd(FailureKind.UNREACHABLE, error.message), token, quiet=starting)
        else:
            self._policy.set_retry_interval(*self._connector.retry_s)
            began = boot_s()
            end = await self._channel.run(Opened(socket, server, ConnectionTerms(protocol, token)), self._policy)
            self._record_end(end, token, boot_s() - began)

    def _record_end(self, end: ConnectionEnd, token: Token, lived_s: float = 0.0, *, quiet: bool = False) -> None:
        self._log.info("push channel", failure=end.failure.value, detail=end.words, lived_s=round(lived_s, 1))
        now = boot_s()
        if self._policy.record_end(
            end.failure,
            now,
            lived_s=lived_s,
            retry_s=end.retry_s,
            jitter=random.random(),  # noqa: S311  # no secret
        ):
            self._rejected = fingerprint(token.access_token)
        if end.paused:
            self._policy.retry_now(now)
        if end.failure is not FailureKind.LOST:
            self._connector.forget_addresses()
            if not quiet:
                self._states.report_failure(end.words)
        self._states.publish_away(end.words, self._policy.loss, self._policy.next_at)
