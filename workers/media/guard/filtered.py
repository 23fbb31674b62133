"""aioice's datagram protocol and connection behind the filter of `datagrams`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from aioice import Candidate, stun
from aioice.candidate import candidate_priority
from aioice.ice import StunProtocol

from common.basic.addresses import can_be_a_peer
from common.ice import IceConnection
from workers.media.guard.checks import AGAIN_S, CheckPace
from workers.media.guard.datagrams import ADDRESSES_KNOWN, LARGEST, Address, DatagramGate, DatagramKind
from workers.media.guard.lan_sends import LanSends

LEARNT = 16
"""Addresses learnt from checks (peer-reflexive) that a connection keeps."""


class GuardedProtocol(StunProtocol):
    """Passes datagrams through the filter. No exception reaches asyncio, which would log each one in full."""

    receiver: Any
    _error: Exception | None = None
    """What the latest send met. asyncio reports it before the send returns."""

    def __init__(self, receiver: Any) -> None:
        super().__init__(receiver)
        self._ended = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._ended.set()

    async def close(self) -> None:
        """Close the socket, also after an earlier close that was given up. aioice's waits for one future only once."""
        self.transport.close()
        await self._ended.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # asyncio allocates 256 kB per datagram, and larger ones than this are dropped in any case
        transport.max_size = LARGEST + 1  # type: ignore[attr-defined]

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not isinstance(self.receiver, FilteredConnection):
            super().datagram_received(data, addr)
            return
        try:
            self.receiver.on_datagram(bytes(data), (addr[0], addr[1]), self)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001  # whatever a stranger sent
            self.receiver.gate.record_fault(error)

    async def request(
        self,
        request: stun.Message,
        addr: Address,
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[stun.Message, Address]:
        """Execute a transaction. A check of a pair is repeated sooner than aioice does it."""
        is_check = integrity_key is not None and retransmissions is None
        if not is_check or not isinstance(self.receiver, FilteredConnection):
            return await super().request(request, addr, integrity_key, retransmissions)
        repeating = asyncio.ensure_future(self._repeat(request, addr, self.receiver.pace))
        try:
            return await super().request(request, addr, integrity_key, retransmissions)
        finally:
            repeating.cancel()

    async def _repeat(self, request: stun.Message, address: Address, pace: CheckPace) -> None:
        for pause in AGAIN_S:
            await asyncio.sleep(pause)
            await asyncio.sleep(pace.take(time.monotonic()))
            with contextlib.suppress(OSError):
                self._transmit(request, address)

    def send_stun(self, message: stun.Message, addr: Address) -> None:
        if message.message_class is stun.Class.REQUEST and isinstance(self.receiver, FilteredConnection):
            self.receiver.pace.record(time.monotonic())
        self._transmit(message, addr)

    def error_received(self, exc: Exception) -> None:
        super().error_received(exc)
        self._error = exc

    async def send_data(self, data: bytes, addr: Address) -> None:
        self._error = None
        await super().send_data(data, addr)
        self._record_send(addr)

    def _transmit(self, message: stun.Message, addr: Address) -> None:
        self._error = None
        super().send_stun(message, addr)
        self._record_send(addr)

    def _record_send(self, addr: Address) -> None:
        if isinstance(self.receiver, FilteredConnection):
            self.receiver.lan.record(addr[0], self._error if isinstance(self._error, OSError) else None)


class FilteredConnection(IceConnection):
    """A connection that accepts known senders only. `_on_source` hears from which address the other side sends."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gate = DatagramGate()
        self.lan = LanSends()
        self.pace = CheckPace()
        self._heard: dict[Address, float] = {}
        """Address → monotonic seconds of its last authentic data."""

    def on_datagram(self, data: bytes, address: Address, protocol: StunProtocol) -> None:
        """Filter and handle a datagram from any address."""
        now, kind = time.monotonic(), self.gate.kind(data)
        if kind is None or self._closing:
            return
        if kind is DatagramKind.STUN:
            if self.gate.stun(data, self.local_username, protocol.transactions, now):
                self._on_stun(data, address, protocol)
            return
        known = self._is_known(address)
        if not known and not self.gate.knows(data):
            self.gate.drop("from a stranger")
        elif self.gate.packet(kind, data, self._queue.qsize(), now):
            self._record_heard(address, now)
            self._on_source(address, protocol, now)
            self.data_received(data, protocol.local_candidate.component)

    def _on_stun(self, data: bytes, address: Address, protocol: StunProtocol) -> None:
        try:
            message = stun.parse_message(data)
        except Exception:  # noqa: BLE001  # struct.error, UnicodeDecodeError, ValueError …
            self.gate.drop("malformed STUN")
            return
        if message.message_class == stun.Class.REQUEST:
            self.request_received(message, address, protocol)
        elif (transaction := protocol.transactions.get(message.transaction_id)) is not None:
            self.gate.record_reply()
            self._record_heard(address, time.monotonic())
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
        self.gate.record_check()
        self.gate.admit(addr)
        self._make_room(addr)
        self._record_heard(addr, time.monotonic())
        super().request_received(message, addr, protocol)

    def _record_heard(self, address: Address, now: float) -> None:
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

    def _on_source(self, address: Address, protocol: StunProtocol, now: float) -> None:
        """Hear that DTLS or RTP came from `address`."""
