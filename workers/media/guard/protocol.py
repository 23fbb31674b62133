"""aioice's datagram protocol and connection behind the filter, with address moves and consent checks."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

from aioice import Candidate, stun
from aioice.candidate import candidate_priority
from aioice.ice import CONSENT_INTERVAL, CandidatePair, StunProtocol

from common.basic.addresses import can_be_a_peer
from common.basic.bucket import Bucket
from common.ice import Connection
from workers.media.guard.datagrams import ADDRESSES_KNOWN, LARGEST, Address, Gate, Kind

LEARNT = 16
"""Addresses learnt from checks (peer-reflexive) that a connection keeps."""
QUIET_S = 1.0
"""The other side has moved if the nominated address was silent for this time and the voice comes from another one."""
CONSENT_S = 30.0
"""A connection ends without a consent reply for this time (RFC 7675)."""
AGAIN_S = 1.0
"""Interval of consent requests after one has failed."""
HEARD_S = 10.0
"""An address may take over if authentic data came from it within this time."""


class GuardedProtocol(StunProtocol):
    """Passes datagrams through the filter. No exception reaches asyncio, which would log each one in full."""

    receiver: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # asyncio allocates 256 kB per datagram, and larger ones than this are dropped in any case
        transport.max_size = LARGEST + 1  # type: ignore[attr-defined]

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not isinstance(self.receiver, GuardedConnection):
            super().datagram_received(data, addr)
            return
        try:
            self.receiver.arrived(bytes(data), (addr[0], addr[1]), self)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001  # whatever a stranger sent
            self.receiver.gate.fault(error)


class GuardedConnection(Connection):
    """A connection that accepts known senders only, and follows the other side when a NAT moves it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gate = Gate()
        self._heard: dict[Address, float] = {}
        """Address → monotonic seconds of its last authentic data."""
        self._follow = Bucket(per_s=0.5, at_once=3)
        self._moves: set[asyncio.Task[Any]] = set()

    # --- in --------------------------------------------------------------------------------------

    def arrived(self, data: bytes, address: Address, protocol: StunProtocol) -> None:
        """Filter and handle a datagram from any address."""
        now, kind = time.monotonic(), self.gate.kind(data)
        if kind is None or self._closing:
            return
        if kind is Kind.STUN:
            if self.gate.stun(data, self.local_username, protocol.transactions, now):
                self._message(data, address, protocol)
            return
        known = self._is_known(address)
        if not known and not self.gate.knows(data):
            self.gate.drop("from a stranger")
        elif self.gate.packet(kind, data, self._queue.qsize(), now):
            self._notice(address, protocol, now)
            self.data_received(data, protocol.local_candidate.component)

    def _message(self, data: bytes, address: Address, protocol: StunProtocol) -> None:
        try:
            message = stun.parse_message(data)
        except Exception:  # noqa: BLE001  # struct.error, UnicodeDecodeError, ValueError …
            self.gate.drop("malformed STUN")
            return
        if message.message_class == stun.Class.REQUEST:
            self.request_received(message, address, protocol)
        elif (transaction := protocol.transactions.get(message.transaction_id)) is not None:
            self.gate.replies += 1
            self._hear(address, time.monotonic())
            transaction.response_received(message, address)

    def request_received(self, message: stun.Message, addr: Address, protocol: StunProtocol) -> None:
        """Answer a check of the other side. One without the local password gets no answer."""
        if self._closing:
            return
        known = "USERNAME" in message.attributes and self._valid_username(message.attributes["USERNAME"])
        if not known or not message.check_message_integrity(self.local_password.encode()):
            self.gate.drop("STUN without our password")
            return
        if not can_be_a_peer(*addr):
            self.gate.drop("from nobody")  # a forged source would make us send there
            return
        message.attributes.setdefault("PRIORITY", candidate_priority(1, "prflx"))
        self.gate.checks += 1
        self.gate.admit(addr)
        self._make_room(addr)
        self._hear(addr, time.monotonic())
        super().request_received(message, addr, protocol)

    def _hear(self, address: Address, now: float) -> None:
        self._heard.pop(address, None)
        self._heard[address] = now
        if len(self._heard) > ADDRESSES_KNOWN:
            del self._heard[next(iter(self._heard))]

    def _is_known(self, address: Address) -> bool:
        if self.gate.admits(address):
            return True
        if any((one._network_host, one.port) == address for one in self._remote_candidates):  # noqa: SLF001
            self.gate.admit(address)
            return True
        return False

    def _make_room(self, address: Address) -> None:
        """Drop the oldest learnt address if there are too many, because a sender with the password may use many."""
        learnt = [one for one in self._remote_candidates if one.type == "prflx"]
        if len(learnt) < LEARNT or any((one.host, one.port) == address for one in learnt):
            return
        nominated = {pair.remote_addr for pair in self._nominated.values()}
        for candidate in learnt:
            if (candidate.host, candidate.port) not in nominated:
                self._forget(candidate)
                return

    def _forget(self, candidate: Candidate) -> None:
        self._remote_candidates.remove(candidate)
        self._heard.pop((candidate.host, candidate.port), None)
        for pair in [pair for pair in self._check_list if pair.remote_candidate is candidate]:
            if pair.task is not None:
                pair.task.cancel()
            self._check_list.remove(pair)

    # --- following the other side ------------------------------------------------------------------

    def _notice(self, address: Address, protocol: StunProtocol, now: float) -> None:
        """Record the source address of the other side's packets, and move there if it changed."""
        self._hear(address, now)
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
        if self.ice_controlling and not self.remote_is_lite:
            task = asyncio.ensure_future(self._nominate(pair))
            self._moves.add(task)
            task.add_done_callback(self._moves.discard)

    async def _nominate(self, pair: CandidatePair) -> None:
        try:
            await self._ask(pair, nominate=True, retransmissions=3)
        except stun.TransactionError:
            return  # the consent check notices a dead pair

    async def _ask(self, pair: CandidatePair, *, nominate: bool, retransmissions: int) -> None:
        assert self.remote_password is not None
        request = self.build_request(pair, nominate=nominate)
        key = self.remote_password.encode()
        await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=retransmissions)

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
        for task in list(self._moves):
            task.cancel()
        await super().close()
