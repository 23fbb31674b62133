"""Peer-to-peer transport of offers and answers, as customMessages on channel ``miranda:12`` [read]."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

import structlog

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, Kind, PartyState, PeerKey, PeerSignal, PushEvent, SignalRefused
from common.psn.errors import CallWithdrawnError
from common.psn.http.client import Call, PsnClient
from common.psn.miranda import frames
from common.psn.miranda.platforms import code_of
from common.psn.party import sessions
from workers.signaling.transports import TRANSIENT, Name, Transport, TransportEvents
from workers.signaling.transports.incoming_messages import IncomingMessages


class MirandaTransport(Transport):
    """The transport. `channel` is that of the customMessages, `number` returns the next ``global_seq_num``.

    `spawn` runs a job.
    """

    name: ClassVar[Name] = "miranda"

    def __init__(
        self,
        http: PsnClient,
        channel: str,
        number: Callable[[], int],
        events: TransportEvents,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._http = http
        self._number = number
        self._incoming = IncomingMessages(channel, events.on_discarded)
        self._events = events
        self._spawn = spawn
        self._usable = False
        self._waiting: dict[str, dict[Kind, PeerSignal]] = {}
        """The latest waiting offer and answer by peer, in the order in which they came."""
        self._sending: set[str] = set()
        self._idle = asyncio.Event()
        """Set while nothing is in flight."""
        self._idle.set()
        self._left: str | None = None
        """Push context of the membership that ends. Each membership has another one."""
        self._counter = 0
        """Messages sent by this run, for frames that count them."""
        self._log = structlog.get_logger("signaling")

    def on_party(self, state: PartyState) -> None:
        there = {member.peer for member in state.members} if state.phase == "joined" else set()
        self._waiting = {peer: signal for peer, signal in self._waiting.items() if peer in there}
        for signal in self._incoming.on_party(state, time.monotonic()):
            self._events.on_signal(signal)

    def on_event(self, event: PushEvent) -> None:
        signal = self._incoming.read(event, time.monotonic())
        if signal is not None:
            self._events.on_signal(signal)

    def facts(self) -> dict[str, str]:
        return {f"messages: {what}": str(count) for what, count in self._incoming.counts.items()}

    def reaches(self, peer: str) -> bool:
        return peer != BRIDGE_PEER

    def send(self, signal: PeerSignal) -> None:
        """Send in order. Of several offers (or answers) that wait for one peer, only the latest is sent."""
        peer = signal.peer
        waiting = self._waiting.setdefault(peer, {})
        waiting.pop(signal.kind, None)
        waiting[signal.kind] = signal
        self._start_sending(peer)

    def on_push_usable(self, *, usable: bool) -> None:
        """Send only while the push channel is usable. Otherwise no answer reaches us, and the server returns 404."""
        self._usable = usable
        for peer in list(self._waiting):
            self._start_sending(peer)

    def _start_sending(self, peer: str) -> None:
        if self._usable and self._waiting.get(peer) and peer not in self._sending:
            self._sending.add(peer)
            self._idle.clear()
            self._spawn(self._send_all(peer))

    async def _send_all(self, peer: str) -> None:
        try:
            while self._usable and (waiting := self._waiting.get(peer)):
                await self._send(waiting.pop(next(iter(waiting))), peer)
        finally:
            self._sending.discard(peer)
            if not self._waiting.get(peer):
                self._waiting.pop(peer, None)
            if not self._sending:
                self._idle.set()

    async def leave(self, session_id: str) -> None:
        """Send nothing more in that party. Returns when the calls in flight have ended."""
        if self._incoming.present.session_id == session_id:
            self._left = self._incoming.present.context_id
            self._waiting.clear()
            await self._idle.wait()

    async def _send(self, signal: PeerSignal, peer: str) -> None:
        try:
            await self._post(signal, peer)
        except CallWithdrawnError:
            self._log.info("not sent: the party or the member is gone", kind=signal.kind, peer=peer)
        except PartylineError as error:
            notice = SignalRefused.of(signal, error.message, final=not isinstance(error, TRANSIENT))
            self._events.on_refused(self.name, notice, error)
        else:
            self._log.info("sent", kind=signal.kind, peer=peer, sequence=signal.sequence)
            self._events.on_sent(peer)

    async def _post(self, signal: PeerSignal, peer: str) -> None:
        """Send a signal if its member is still there at its turn. Raises `CallWithdrawnError` otherwise."""
        state = self._incoming.present

        def still() -> bool:
            now = self._incoming.present
            same = now.phase == "joined" and now.context_id == state.context_id != self._left and now.me == state.me
            return same and any(member.peer == peer for member in now.members)

        if not still():
            raise CallWithdrawnError(f"The {signal.kind} for {peer}")
        path = sessions.custom_message_path(state.session_id)
        yields = signal.kind == "answer"  # endless offers must not use up the calls for joins and leaves
        await self._http.call(
            Call("POST", "mobile", path, lambda: self._body(signal, state.my_key), still=still, yields=yields)
        )

    def _body(self, signal: PeerSignal, me: PeerKey) -> dict[str, Any]:
        """Return a call's body, with its number taken now. So numbers rise in the order of sending."""
        peer = signal.peer
        self._counter += 1
        # The header must name the sender. A replayed captured one was refused (notes, section 8).
        message = frames.message(
            signal.kind,
            frames.MessageEnd(account_id=me.account_id, platform=code_of(me.platform)),
            frames.MessageEnd(
                account_id=signal.account_id,
                platform=self._incoming.codes.get(peer) or code_of(signal.platform),
            ),
            signal.sdp,
            signal.sequence,
            self._number(),
        )
        frame = frames.frame(
            message,
            counter=self._counter if signal.form.get("frame.offset-8") == "counter" else 1,
            line=signal.form.get("frame.line", ""),
        )
        payload = frames.encode_payload(frame)
        return sessions.custom_message_body(self._incoming.channel, payload, signal.account_id, signal.platform)
