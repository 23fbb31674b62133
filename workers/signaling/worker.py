"""Signaling worker, with the push channel and the transports for offers and answers."""

from __future__ import annotations

from typing import ClassVar, assert_never

from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import AuthState, PartyState, PeerSignal, PeerState, PushState, WireFact
from common.psn.account.tokens import BusTokens
from common.psn.http.client import PsnClient
from common.psn.http.endpoints import EndpointSource
from common.requests import AccessToken, Token
from common.run.wake import Wake
from common.run.worker import Worker
from common.wire import Received
from workers.signaling import state
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.push_channel.account_policy import AccountPolicy
from workers.signaling.push_channel.connection_loop import ConnectionLoop
from workers.signaling.push_channel.connector import Connector
from workers.signaling.push_channel.open_channel import OpenChannel
from workers.signaling.push_channel.state_publisher import StatePublisher
from workers.signaling.push_publisher import PushPublisher
from workers.signaling.requests import SignalingRequests
from workers.signaling.signal_router import SignalRouter
from workers.signaling.transports import Name, Transport, TransportEvents, order_of
from workers.signaling.transports.bridge.agenda import Mode
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_transport import BridgeOptions, BridgeTransport
from workers.signaling.transports.bridge.demand import DemandLimits
from workers.signaling.transports.bridge.memory import OwnBridgeFile
from workers.signaling.transports.miranda_transport import MirandaTransport
from workers.signaling.transports.relay_connection import RelayAddress
from workers.signaling.transports.relay_transport import RelayTransport

TOKEN_WAIT_S = 30.0


class Signaling(Worker):
    name: ClassVar[str] = "signaling"
    calls_sony: ClassVar[bool] = True
    niceness: ClassVar[int] = 10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        psn = settings.psn
        self._endpoints = EndpointSource(settings, paths)
        self._tokens = BusTokens(self._request_token)
        self._http = PsnClient(psn, self._endpoints, self._tokens)
        place = "simulator" if psn.realm == "simulator" else psn.push_url
        self._memory = SignalingMemoryFile(paths.state / "signaling.json", place)
        self._account = ""
        self._router = SignalRouter(self, self._new_transports, self._update_facts)
        self._transports = self._router.transports
        self._push = PushPublisher(self, self._transports, self._update_facts)
        states = StatePublisher(self._push)
        self._channel = OpenChannel(psn, self._memory, states, self._push)
        connector = Connector(psn, self._endpoints, self._http)
        account = AccountPolicy(psn, self._memory)
        self._connections = ConnectionLoop(connector, self._tokens, account, self._channel, states)

    def _new_transports(self, events: TransportEvents) -> list[Transport]:
        return [self._new_transport(name, events) for name in order_of(self.settings.signaling.transports)]

    def _new_transport(self, name: Name, events: TransportEvents) -> Transport:
        chosen = self.settings.signaling
        match name:
            case "miranda":
                return MirandaTransport(self._http, chosen.channel, self._memory.next_number, events, self.spawn)
            case "bridge":
                mode: Mode = (
                    "at-once" if "bridge" in chosen.transports else "needed" if chosen.make_bridges else "never"
                )
                return BridgeTransport(
                    BridgeCalls(self._http, self.settings.psn.rtc_title_id),
                    OwnBridgeFile(self.paths.state / "bridge.json", self._memory.place),
                    events,
                    BridgeOptions(mode, DemandLimits(unheard_s=chosen.bridge_after_s)),
                )
            case "socketio":
                address = RelayAddress(self._endpoints, chosen.socketio_url)
                return RelayTransport(address, self._memory.next_number, events, self.spawn)
            case unknown:
                assert_never(unknown)

    async def setup(self) -> None:
        self._push.on_push_state(PushState(connected=False, detail="starting"))
        SignalingRequests(self._channel, self._transports).serve(self.bus)
        self.spawn(self._connections.run(), "push channel")
        self.spawn(self._connections.watch(), "watch for pauses")
        for transport in self._transports:
            self.spawn(transport.run(), transport.name)
        self.spawn(self._listen(), "bus")

    def on_wake(self, wake: Wake) -> None:
        self._connections.on_wake()
        if wake.slept:
            self.spawn(self._http.drop_connections(), "connections after a sleep")
        for transport in self._transports:
            transport.on_wake(slept=wake.slept)

    async def stop(self) -> None:
        self.bus.publish(PushState(connected=False, detail="signaling is stopping"))
        await self._connections.close()
        for transport in self._transports:
            await transport.close()
        await self._http.close()

    # --- the bus ------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        headers = f"{WireFact.TOPIC}/headers.native"
        async for received in self.bus.subscribe(AuthState, PartyState, PeerState, headers, f"{PeerSignal.TOPIC}/out/"):
            self._on_received(received)

    def _on_received(self, received: Received) -> None:
        message = received.message
        if received.cls is PeerState:
            self._router.on_peer_state(received.key, message if isinstance(message, PeerState) else None)
        elif isinstance(message, PartyState):
            self._channel.on_party(in_party=message.phase in ("joining", "joined"))
            self._router.on_party(message)
        elif isinstance(message, PeerSignal):
            # media may have noticed a sleep first, and the answer comes by the push channel
            self._job_runner.check_wake(self)
            self._router.send(message)
        elif isinstance(message, AuthState):
            self._on_auth_state(message)
        elif isinstance(message, WireFact) and message.worker != self.name:
            self._http.native_headers.learned(message.value)

    def _on_auth_state(self, auth: AuthState) -> None:
        self._push.on_auth_state(auth)
        self._tokens.renewed(auth.access_expires_at)
        if self._account and auth.account_id and auth.account_id != self._account:
            self._tokens.drop()
            self._channel.close("another account has signed in")
        self._account = auth.account_id or self._account
        if auth.state == "signed_in":
            self._connections.wake()

    async def _request_token(self, request: AccessToken) -> Token:
        return await self.bus.request(request, TOKEN_WAIT_S)

    def _update_facts(self) -> None:
        counts = [transport.facts() for transport in self._transports]
        self.facts = state.facts(self._http.calls, self._push.events, counts)
