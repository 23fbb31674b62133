"""What the gate answers itself: what it is, the account, the doctor of this machine."""

from __future__ import annotations

from common.basic.version import version
from common.bus import Bus
from common.bus.peers.contract import GateAbout
from common.bus.peers.keyring import PairedMachine
from common.files.paths import Paths
from common.system.hostname import local_name
from workers.gate.account_requests import AccountRequests
from workers.gate.doctor_run import DoctorRun


class GateAnswers:
    """See `common.bus.peers.gate_requests.GateServices`."""

    def __init__(self, bus: Bus, paths: Paths) -> None:
        self._account = AccountRequests(bus, paths)
        self._doctor = DoctorRun()
        self._name = local_name()
        self._version = version()

    def about(self, peer: PairedMachine) -> GateAbout:
        return GateAbout(
            name=self._name,
            version=self._version,
            right=peer.right,
            may_sign_in=peer.may_sign_in and peer.right == "control",
        )

    async def doctor(self) -> bytes:
        return await self._doctor.run()

    async def account(self, peer: PairedMachine, request: str, body: bytes) -> list[bytes] | None:
        return await self._account.answer(peer, request, body)
