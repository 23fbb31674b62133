"""The connection that follows the other side when a NAT moves it, and asks for its consent (RFC 7675)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine
from typing import Any

from aioice import stun
from aioice.candidate import candidate_priority
from aioice.ice import CONSENT_INTERVAL, CandidatePair, StunProtocol

from common.basic.bucket import Bucket
from workers.media.guard.checks import CONFIRM_S, CONFIRM_TIMES
from workers.media.guard.datagrams import Address
from workers.media.guard.filtered import FilteredConnection

QUIET_S = 1.0
"""The other side has moved if the nominated address was silent for this time and the voice comes from another one."""
CONSENT_S = 30.0
"""A connection ends without a consent reply for this time (RFC 7675)."""
AGAIN_S = 1.0
"""Interval of consent requests after one has failed."""
HEARD_S = 10.0
"""An address may take over if authentic data came from it within this time."""


class GuardedConnection(FilteredConnection):
    """A filtered connection that moves to the address that the other side sends from."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._follow = Bucket(per_s=0.5, at_once=3)
        self._tasks: set[asyncio.Task[Any]] = set()

    def _on_source(self, address: Address, protocol: StunProtocol, now: float) -> None:
        """Move to the address of the other side's packets if it changed."""
        pair = self._nominated.get(protocol.local_candidate.component)
        if pair is None or (pair.remote_addr == address and pair.protocol is protocol):
            return
        if now - self._heard.get(pair.remote_addr, 0.0) > QUIET_S:
            self._move(address, protocol, now)

    def _move(self, address: Address, protocol: StunProtocol, now: float) -> None:
        """Switch to that address if our check has succeeded there, or else send a check."""
        for pair in self._check_list:
            if pair.remote_addr == address and pair.protocol is protocol:
                if pair.state is CandidatePair.State.SUCCEEDED:
                    self._choose(pair)
                    return
                if pair.state is CandidatePair.State.IN_PROGRESS:
                    return
        if self._follow.take(now):
            self._make_room(address)
            self.check_incoming(
                stun.Message(
                    message_method=stun.Method.BINDING,
                    message_class=stun.Class.REQUEST,
                    attributes={"PRIORITY": candidate_priority(1, "prflx")},
                ),
                address,
                protocol,
            )

    def _choose(self, pair: CandidatePair) -> None:
        pair.nominated = True
        self._nominated[pair.component] = pair
        self.gate.admit(pair.remote_addr)
        if self._nominates:
            self._spawn(self._check_again(pair, retransmissions=3))

    @property
    def _nominates(self) -> bool:
        return self.ice_controlling and not self.remote_is_lite

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def connect(self) -> None:
        await super().connect()
        self._spawn(self._confirm())

    async def _confirm(self) -> None:
        """Check the nominated pair until the other side sends DTLS or RTP, which it does once its side is up too."""
        for _ in range(CONFIRM_TIMES):
            await asyncio.sleep(CONFIRM_S)
            if any(self.gate.passed.values()):
                return
            for pair in list(self._nominated.values()):
                self._spawn(self._check_again(pair, retransmissions=0))

    async def _check_again(self, pair: CandidatePair, *, retransmissions: int) -> None:
        try:
            await self._ask(pair, nominate=self._nominates, retransmissions=retransmissions)
        except stun.TransactionError:
            return  # the consent check notices a dead pair

    async def _ask(self, pair: CandidatePair, *, nominate: bool, retransmissions: int) -> None:
        assert self.remote_password is not None
        request = self.build_request(pair, nominate=nominate)
        key = self.remote_password.encode()
        await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=retransmissions)

    async def has_consent(self) -> bool:
        """Ask the other side for its consent now. Return whether it answered, within 1.5 s."""
        try:
            for pair in list(self._nominated.values()):
                await self._ask(pair, nominate=False, retransmissions=1)
        except (stun.TransactionError, ConnectionError):
            return False
        return bool(self._nominated)

    async def query_consent(self) -> None:
        """Send consent requests periodically (RFC 7675), also to an address that the other side moved to."""
        granted_at, failed = time.monotonic(), False
        while True:
            await asyncio.sleep(AGAIN_S if failed else CONSENT_INTERVAL * (0.8 + 0.4 * random.random()))  # noqa: S311
            for pair in list(self._nominated.values()):
                try:
                    await self._ask(pair, nominate=False, retransmissions=1)
                except stun.TransactionError:
                    failed = True
                    self._take_other(pair, time.monotonic())
                else:
                    granted_at, failed = time.monotonic(), False
            if time.monotonic() - granted_at > CONSENT_S:
                self._query_consent_task = None
                await self.close()
                return

    def _take_other(self, silent: CandidatePair, now: float) -> None:
        """Switch to another pair that reaches the other side, if there is one."""
        reached = [
            pair
            for pair in self._check_list
            if pair is not silent
            and pair.component == silent.component
            and pair.state is CandidatePair.State.SUCCEEDED
            and now - self._heard.get(pair.remote_addr, -HEARD_S) < HEARD_S
        ]
        if reached:
            self._choose(max(reached, key=lambda pair: self._heard.get(pair.remote_addr, 0.0)))

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await super().close()
