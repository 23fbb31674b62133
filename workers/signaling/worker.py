"""Signaling worker, with the push channel and the transports for offers and answers."""

from __future__ import annotations

import asyncio
import contextlib
from typing import assert_never

import msgspec

from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import (
    BRIDGE_PEER,
    AuthState,
    PartyState,
    PeerSignal,
    PeerState,
    PushEvent,
    PushState,
    SignalRefused,
    WireFact,
)
from common.psn.account.tokens import BusTokens
from common.psn.errors import PushFrameError
from common.psn.http.client import PsnClient
from common.psn.http.endpoints import EndpointSource
from common.psn.party.bridges import without_tokens
from common.psn.party.push import PushFrame
from common.requests import AccessToken, Done, EndSignals, SetVoiceChat, Token
from common.run.worker import Worker
from workers.signaling.memory import MemoryFile
from workers.signaling.push_channel.connection_loop import Channel
from workers.signaling.transports import Name, Transport, order_of
from workers.signaling.transports.bridge import bridge_client
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_client import Ears
from workers.signaling.transports.bridge.bridge_transport import Bridge
from workers.signaling.transports.bridge.demand import Patience
from workers.signaling.transports.bridge.memory import MakesFile
from workers.signaling.transports.incoming_messages import Inbox, Reason
from workers.signaling.transports.miranda_transport import REFUSED, Miranda
from workers.signaling.transports.relay_transport import PROBLEM, Socketio
from workers.signaling.transports.transport_selection import Ways

TOKEN_WAIT_S = 30.0
END_S = 3.0
"""How long a leave waits for messages in flight."""
TRIED_AGAIN = "It is tried again by itself; check the internet connection."
NO_REMEDY = "Nothing to do: it is left out. If it repeats, `partyline tap push.event peer.signal` shows more."


class Signaling(Worker):
    name = "signaling"
    calls_sony = True
    niceness = 10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        psn = settings.psn
        endpoints = EndpointSource(settings, paths)
        self._tokens = BusTokens(self._ask_token)
        self._http = PsnClient(psn, endpoints, self._tokens)
        place = "simulator" if psn.realm == "simulator" else psn.push_url
        self._memory = MemoryFile(paths.state / "signaling.json", place)
        self._inbox = Inbox(settings.signaling.channel, self._left_out)
        self._push = PushState(connected=False)
        self._number = 0
        self._account = ""
        self._refusals: set[str] = set()
        self._members: set[str] = set()
        self._channel = Channel(
            psn, endpoints, self._http, self._tokens, self._memory,
            say=self._say, frame=self._on_frame, bad_frame=self._on_bad_frame, trouble=self._on_trouble,
            usable=self._on_usable,
        )  # fmt: skip
        self._endpoints = endpoints
        self._relay: Socketio | None = None
        self._bridge: Bridge | None = None
        self._miranda: Miranda | None = None
        self._transports = [self._transport(name) for name in order_of(settings.signaling.transports)]
        self._ways = Ways(self._transports, self._on_refused, self._failing)

    def _transport(self, name: Name) -> Transport:
        match name:
            case "miranda":
                self._miranda = Miranda(
                    self._http, self._memory, self._inbox,
                    deliver=self._deliver, refused=self._refused_by, sent=self._on_sent, spawn=self.spawn,
                )  # fmt: skip
                return self._miranda
            case "bridge":
                self._bridge = self._new_bridge()
                return self._bridge
            case "socketio":
                self._relay = Socketio(
                    self._relay_url, self._memory.number,
                    deliver=self._deliver, refused=self._refused_by, sent=self._on_sent, spawn=self.spawn,
                    problem=self._relay_away, unreadable=lambda words: self._left_out("bad-frame", words),
                )  # fmt: skip
                return self._relay
            case unknown:
                assert_never(unknown)

    def _new_bridge(self) -> Bridge:
        chosen = self.settings.signaling
        ears = Ears(
            deliver=self._deliver, refused=self._refused_by, gone=self.bus.publish, sent=self._on_sent,
            problem=self._bridge_away,
        )  # fmt: skip
        return Bridge(
            BridgeCalls(self._http, self.settings.psn.rtc_title_id),
            MakesFile(self.paths.state / "bridge.json", self._memory.place),
            ears,
            mode="at-once" if "bridge" in chosen.transports else "needed" if chosen.make_bridges else "never",
            patience=Patience(unheard_s=chosen.bridge_after_s),
        )

    async def run(self) -> None:
        headers = f"{WireFact.TOPIC}/headers.native"
        incoming = self.bus.subscribe(AuthState, PartyState, PeerState, headers, f"{PeerSignal.TOPIC}/out/")
        self._say(PushState(connected=False, detail="starting"))
        self.bus.serve(SetVoiceChat, self._on_voice_chat)
        self.spawn(self._channel.run(), "push channel")
        self.spawn(self._channel.watch(), "watch for pauses")
        if self._relay is not None:
            self.spawn(self._relay.run(), "relay")
        if self._bridge is not None:
            self.spawn(self._bridge.run(), "bridge")
        self.bus.serve(EndSignals, self._end_signals)
        async for received in incoming:
            if received.cls is PeerState:
                self._connection(received.key, received.message)
            else:
                await self._take(received.message)

    async def stop(self) -> None:
        self.bus.publish(PushState(connected=False, detail="signaling is stopping"))
        await self._channel.close()
        if self._relay is not None:
            await self._relay.close()
        if self._bridge is not None:
            await self._bridge.close()
        await self._http.close()

    async def _take(self, message: object) -> None:
        if isinstance(message, PartyState):
            self._channel.party(in_party=message.phase in ("joining", "joined"))
            self._members = {member.peer for member in message.members}
            self._forgive(self._refusals - self._members)
            self._ways.keep({BRIDGE_PEER, *self._members})
            for transport in self._transports:
                transport.party(message)
        elif isinstance(message, PeerSignal):
            self._ways.send(message)
        elif isinstance(message, AuthState):
            await self._auth_changed(message)
        elif isinstance(message, WireFact) and message.worker != self.name:
            self._http.native_headers.learned(message.value)

    def _connection(self, peer: str, state: object) -> None:
        """Report media's connection states to the bridge, which serves members without a connection."""
        if self._bridge is not None and isinstance(state, PeerState):
            self._bridge.peer(peer, state.connection, state.heard_s)
        elif self._bridge is not None:
            self._bridge.peer(peer, "")

    async def _end_signals(self, request: EndSignals) -> Done:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await asyncio.gather(*(transport.leave(request.session_id) for transport in self._transports))
        return Done()

    def _failing(self, peer: str, failures: int) -> None:
        if self._bridge is not None:
            self._bridge.failing(peer, failures)

    async def _auth_changed(self, state: AuthState) -> None:
        self._tokens.renewed(state.access_expires_at)
        if self._account and state.account_id and state.account_id != self._account:
            self._tokens.drop()
            self._channel.reopen("another account has signed in")
        self._account = state.account_id or self._account
        if state.state == "signed_in":
            self._channel.nudge()

    # --- the push channel -------------------------------------------------------------------------

    def _say(self, state: PushState) -> None:
        if state == self._push or self.stopping.is_set():
            return
        if state.connected and state.epoch != self._push.epoch:
            self._number = 0
            self.clear_problem("signaling.push")
            self.log.info("push channel open", host=state.host, protocol=state.protocol, epoch=state.epoch)
        self._push = state
        self.bus.publish(state)
        if state.answered is not None:
            self.publish_fact(
                "push.authorise", "answered" if state.answered else "unanswered", "the first frame (1003)"
            )
        self.set_health("running" if state.connected else "degraded", state.detail or f"push over {state.protocol}")

    def _on_trouble(self, code: str, message: str) -> None:
        self.publish_problem(code, message, TRIED_AGAIN, severity="warning", new_occurrence=True)

    async def _on_voice_chat(self, request: SetVoiceChat) -> Done:
        await self._channel.voice_chat(active=request.active)
        return Done()

    def _on_usable(self, usable: bool) -> None:
        if self._miranda is not None:
            self._miranda.push(usable=usable)

    def _on_bad_frame(self, error: PushFrameError) -> None:
        self.publish_problem(
            f"signaling.push-{error.kind}", error.message, error.remedy, severity="warning", new_occurrence=True
        )

    def _on_frame(self, frame: PushFrame) -> None:
        self._number += 1
        event = PushEvent(
            epoch=self._push.epoch,
            number=self._number,
            data_type=frame.data_type,
            session_id=frame.session_id,
            from_account_id=frame.from_account_id,
            from_platform=frame.from_platform,
            contexts=frame.contexts,
            data=frame.data,
        )
        # a bridge's token admits any reader, so only the transport gets it
        self.bus.publish(msgspec.structs.replace(event, data=without_tokens(event.data)))
        for transport in self._transports:
            transport.event(event)
        self._tell()

    # --- offers and answers -----------------------------------------------------------------------

    def _deliver(self, signal: PeerSignal) -> None:
        self._ways.came(signal)
        self.log.info("received", kind=signal.kind, peer=signal.key(), sequence=signal.sequence)
        self.bus.publish(signal)

    def _left_out(self, reason: Reason, message: str) -> None:
        self.publish_problem(f"signaling.{reason}", message, NO_REMEDY, severity="warning", new_occurrence=True)

    def _refused_by(self, transport: str, notice: SignalRefused, error: PartylineError) -> None:
        self._ways.refused(transport, notice, error)

    def _relay_url(self) -> str:
        known = self._endpoints.current().simulator
        return self.settings.signaling.socketio_url or (known.socketio_url if known is not None else "")

    def _relay_away(self, error: PartylineError | None) -> None:
        if error is None:
            self.clear_problem(PROBLEM)
        else:
            self._endpoints.forget()
            self.publish_problem(PROBLEM, error.message, error.remedy, severity="warning")

    def _bridge_away(self, error: PartylineError | None) -> None:
        if error is None:
            self.clear_problem(bridge_client.PROBLEM)
        else:
            self.publish_problem(
                bridge_client.PROBLEM,
                f"A bridge of the party is not used: {error.message}",
                error.remedy,
                severity="warning",
                reference_id=error.reference_id,
            )

    def _on_sent(self, peer: str) -> None:
        self._forgive({peer})
        self._tell()

    def _forgive(self, peers: set[str]) -> None:
        """Clear the problem when no member with a refused message is left."""
        stood = bool(self._refusals)
        self._refusals -= peers
        if stood and not self._refusals:
            self.clear_problem(REFUSED)

    def _on_refused(self, notice: SignalRefused, error: PartylineError) -> None:
        self.bus.publish(notice)
        if notice.key() not in {BRIDGE_PEER, *self._members}:
            return  # the member has just left
        self._refusals.add(notice.key())
        self.publish_problem(
            REFUSED,
            f"The {notice.kind} for {notice.account_id} was not taken: {error.message}",
            error.remedy,
            new_occurrence=True,
            reference_id=error.reference_id,
        )

    # --- inside -----------------------------------------------------------------------------------

    def _tell(self) -> None:
        counts = {f"messages: {what}": str(count) for what, count in self._inbox.counts.items()}
        if self._relay is not None:
            counts |= {f"relayed: {what}": str(count) for what, count in self._relay.relayed.counts.items()}
        if self._bridge is not None and self._bridge.words:
            counts["bridge"] = self._bridge.words
        self.facts = {"calls": str(self._http.calls), "push events": str(self._number), **counts}

    async def _ask_token(self, request: AccessToken) -> Token:
        return await self.bus.request(request, TOKEN_WAIT_S)
