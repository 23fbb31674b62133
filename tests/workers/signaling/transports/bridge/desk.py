"""A network that answers as it is told, and a bridge transport on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from common.errors import PartylineError
from common.messages import Member, PartyState, PeerSignal, PeerState, PushEvent, SignalRefused
from common.psn.http.client import Answer, Call
from common.psn.party.push import PREFIX
from tests.support.waiting import until
from workers.signaling.transports.bridge.agenda import Mode
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_client import CallDelays
from workers.signaling.transports.bridge.bridge_transport import BridgeOptions, BridgeTransport
from workers.signaling.transports.bridge.demand import DemandLimits
from workers.signaling.transports.bridge.memory import OwnBridge, OwnBridgeFile

ANN, BOB = "2.PS5", "3.PS4"
ME = Member(account_id="1", platform="MOBILE_APP", is_me=True)
OTHERS = (Member(account_id="2", platform="PS5"), Member(account_id="3", platform="PS4"))
JOINED = PartyState(phase="joined", session_id="s", context_id="c", me="1.MOBILE_APP", members=(ME, *OTHERS))
NONE = PartyState(phase="none")
ENTRY = {"bridgeId": "b", "bridgeToken": "secret-b", "bridgeEtag": "e"}
OFFER = (Path(__file__).parent.parent.parent.parent.parent / "wire" / "bridge-offer.sdp").read_bytes().decode()
ENTERED = ["GET partySessions", "POST peers"]
MADE = ["GET partySessions", "POST bridges", "POST bridges", "POST peers"]


class Network:
    """Answers by the last word of the path; `faults` are raised once each, first."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.party: dict[str, Any] = {"sessionId": "S", "bridges": [ENTRY]}
        self.faults: dict[str, list[Exception]] = {}
        self.direction = "sendrecv"
        self.peers = ["p", "another"]
        self.held: asyncio.Event | None = None
        """Calls wait for it, where there is one."""

    @staticmethod
    def word(call: Call) -> str:
        return f"{call.method} {call.path.partition('?')[0].rpartition('/')[2]}"

    async def call(self, call: Call) -> Answer:
        if self.held is not None and not call.urgent:
            await self.held.wait()
        self.calls.append(call)
        word = self.word(call)
        if faults := self.faults.get(word):
            raise faults.pop(0)
        offer = {"sdp": OFFER.replace("a=recvonly", f"a={self.direction}")}
        data = {
            "GET partySessions": {"v2PartySessions": [self.party]},
            "POST bridges": {"bridge": {"bridgeId": "b", "bridgeToken": "secret-b"}},
            "GET b": {"bridge": {"peers": [{"peerId": peer} for peer in self.peers]}},
            "POST peers": {"peer": {"peerId": "p", "offer": offer}},
            "POST offer": {"offer": offer},
        }.get(word)
        return Answer(200, {}, data)

    @property
    def said(self) -> list[str]:
        return [self.word(call) for call in self.calls]


class Desk:
    def __init__(self, folder: Path, *, mode: Mode = "at-once", limits: DemandLimits | None = None) -> None:
        self.network = Network()
        self.signals: list[PeerSignal] = []
        self.gone: list[SignalRefused] = []
        self.refused: list[SignalRefused] = []
        self.problems: list[PartylineError | None] = []
        self.sent: list[str] = []
        self.file = folder / "bridge.json"
        self.bridge = BridgeTransport(
            BridgeCalls(self.network, "METROPOL_AND"),  # type: ignore[arg-type]
            OwnBridgeFile(self.file, "here"),
            self,
            BridgeOptions(mode, limits or DemandLimits(unheard_s=0.0, join_s=0.0, up_s=0.0), CallDelays(0, 0, 0)),
        )
        self.job = asyncio.create_task(self.bridge.run())

    def on_signal(self, signal: PeerSignal) -> None:
        self.signals.append(signal)

    def on_refused(self, _: str, notice: SignalRefused, __: PartylineError) -> None:
        self.refused.append(notice)

    def on_ended(self, notice: SignalRefused) -> None:
        self.gone.append(notice)

    def on_sent(self, peer: str) -> None:
        self.sent.append(peer)

    def on_unusable(self, code: str, error: PartylineError) -> None:
        assert code == BridgeTransport.problem
        self.problems.append(error)

    def on_usable(self, code: str) -> None:
        assert code == BridgeTransport.problem
        self.problems.append(None)

    def report(self, peer: str, connection: str) -> None:
        """Report as media does."""
        self.bridge.on_peer_state(peer, PeerState(account_id="", platform="", online_id="", connection=connection))

    async def until(self, condition: Callable[[], Any]) -> None:
        await until(condition, "it is so", every_s=0.001)

    def media(self, kind: Any, sequence: int) -> None:
        self.bridge.send(
            PeerSignal(direction="out", account_id="bridge", platform="BRIDGE", kind=kind, sdp="v=0", sequence=sequence)
        )

    def push(self, name: str, *ids: str) -> None:
        data = {"bridges": [{"bridgeId": one, "bridgeToken": f"secret-{one}", "bridgeEtag": "e"} for one in ids]}
        self.bridge.on_event(
            PushEvent(epoch="e", number=1, data_type=f"{PREFIX}v2:ps:bridges:{name}", session_id="S", data=data)
        )

    def own(self) -> OwnBridge:
        return msgspec.json.decode(self.file.read_bytes(), type=OwnBridge)
