"""Transport by a self-hosted signaling relay with Socket.IO, beside or instead of customMessages."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

import structlog

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PartyState, PeerSignal, SignalRefused
from workers.signaling.transports import Name, Transport, TransportEvents
from workers.signaling.transports.relay_connection import (
    FAULTS,
    PROBLEM,
    RelayAddress,
    RelayConnection,
    RelayError,
)
from workers.signaling.transports.relay_messages import NAME, RelayMessages, refusal


class RelayTransport(Transport):
    """The transport. `number` returns the next ``global_seq_num``, and `spawn` runs a job.

    Implements `RelayEvents` for its connection. It ignores push events, since PlayStation sends nothing by it.
    """

    name: ClassVar[Name] = NAME
    problem: ClassVar[str] = PROBLEM

    def __init__(
        self,
        address: RelayAddress,
        number: Callable[[], int],
        events: TransportEvents,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._number = number
        self._events = events
        self._spawn = spawn
        self._messages = RelayMessages(lambda words: events.on_discarded("bad-frame", words))
        self._connection = RelayConnection(address, self._messages.auth, self)
        self._log = structlog.get_logger("signaling")

    # --- from the worker ---------------------------------------------------------------------------

    async def run(self) -> None:
        await self._connection.run()

    async def close(self) -> None:
        await self._connection.close()

    def facts(self) -> dict[str, str]:
        return {f"relayed: {what}": str(count) for what, count in self._messages.counts.items()}

    def on_wake(self, *, slept: bool) -> None:
        if slept:
            self._connection.on_wake()

    def on_party(self, state: PartyState) -> None:
        self._messages.on_party(state)
        if state.phase in ("joined", "none"):  # otherwise keep the connection, since session may be restarting
            joined = state.phase == "joined" and bool(state.me)
            self._connection.set_room((state.session_id, state.me) if joined else None)

    def reaches(self, peer: str) -> bool:
        table = self._messages.table
        return self._connection.is_open and peer != BRIDGE_PEER and (table is None or peer in table)

    def send(self, signal: PeerSignal) -> None:
        self._spawn(self._send(signal))

    async def leave(self, session_id: str) -> None:
        """Do nothing. The relay is not Sony's server, and a late message to it is harmless."""

    # --- from the relay ----------------------------------------------------------------------------

    def on_message(self, event: str, data: Any) -> None:
        signal = self._messages.read(event, data, time.monotonic())
        if signal is not None:
            self._events.on_signal(signal)

    def on_users(self, data: Any) -> None:
        self._messages.read_users(data)

    def on_relay_error(self, error: PartylineError | None) -> None:
        if error is None:
            self._events.on_usable(PROBLEM)
        else:
            self._events.on_unusable(PROBLEM, error)

    def on_disconnected(self) -> None:
        self._messages.forget_users()

    # --- sending -----------------------------------------------------------------------------------

    async def _send(self, signal: PeerSignal) -> None:
        def on_answer(*answer: Any) -> None:
            if why := refusal(answer[0] if answer else None):
                self._refuse(signal, f"The relay refused it: {why}", final=True)

        if not self._connection.is_open:
            self._refuse(signal, "The signaling relay is not connected.", final=False)
            return
        try:
            payload = self._messages.write(signal, self._number())
            await self._connection.emit(signal.kind, payload, on_answer)
        except FAULTS as error:
            self._refuse(signal, f"The relay did not accept it ({type(error).__name__}: {error}).", final=False)
        except PartylineError as error:
            self._refuse(signal, error.message, final=True)
        else:
            peer = signal.peer
            self._log.info("sent", kind=signal.kind, peer=peer, sequence=signal.sequence, by=self.name)
            self._events.on_sent(peer)

    def _refuse(self, signal: PeerSignal, why: str, *, final: bool) -> None:
        self._events.on_refused(self.name, SignalRefused.of(signal, why, final=final), RelayError(why))
