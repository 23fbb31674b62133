"""Sign-in from a paired machine: what reaches auth, what is switched, and what is logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from common.bus.peers.keyring import PairedMachine
from common.errors import BadMessageError, PartylineError, SignInError
from common.files.paths import Paths
from common.messages import AuthState, Message, PartyState, wire
from common.messages.wire import Header, Received
from common.requests import Done, LeaveParty, SetMute, SignIn, SignOut
from common.run.supervisor import Supervisor
from workers.gate.account_requests import AccountRequests

NPSSO = "aB3" * 21 + "x"
STUDIO = PairedMachine(name="studio", public="x" * 40, right="control", may_sign_in=True, met_at=0.0)
SIGNED_IN = AuthState(state="signed_in", realm="playstation", account_id="1", online_id="Ava")
IN_PARTY = PartyState(phase="joined", session_id="s")


class StandInBus:
    def __init__(self, *retained: Message) -> None:
        self.retained = retained
        self.asked: list[object] = []
        self.refusal: PartylineError | None = None

    async def snapshot(self, cls: type[Message]) -> list[Received]:
        header = Header(sender="x", boot="b", seq=1, at=0.0)
        return [Received(topic=cls.TOPIC, header=header, message=one) for one in self.retained if isinstance(one, cls)]

    async def request(self, request: object, wait_s: float) -> object:
        self.asked.append(request)
        if isinstance(request, SignIn) and self.refusal:
            raise self.refusal
        return SIGNED_IN if isinstance(request, SignIn) else Done()


@pytest.fixture
def restarted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setenv("SUPERVISOR_SERVER_URL", "unix:///nowhere")
    monkeypatch.setattr(Supervisor, "restart", lambda _, names: found.extend(names))
    return found


def requests(bus: Any, folder: Path) -> AccountRequests:
    paths = Paths(folder)
    paths.make()
    return AccountRequests(bus, paths)


BODY = wire.pack(SignIn(pasted=NPSSO, origin="somebody else"))


async def test_auth_is_told_which_machine_it_was_and_the_pipeline_is_switched(
    tmp_path: Path, restarted: list[str]
) -> None:
    bus = StandInBus(AuthState(state="signed_in", realm="simulator"), IN_PARTY)
    with capture_logs() as logged:
        answer = await requests(bus, tmp_path).answer(STUDIO, "SignIn", BODY)
    assert answer is not None
    assert wire.unpack(answer[1], AuthState) == SIGNED_IN
    assert bus.asked == [SignIn(pasted=NPSSO, realm="playstation", origin="studio"), LeaveParty()]
    assert "session" in restarted
    assert 'realm = "playstation"' in (tmp_path / "partyline.toml").read_text()
    assert any(line.get("origin") == "studio" for line in logged)
    assert NPSSO not in str(logged)


async def test_in_the_right_realm_nothing_is_switched(tmp_path: Path, restarted: list[str]) -> None:
    bus = StandInBus(SIGNED_IN, IN_PARTY)
    await requests(bus, tmp_path).answer(STUDIO, "SignIn", BODY)
    assert (len(bus.asked), restarted) == (1, [])


async def test_a_refused_paste_changes_nothing(tmp_path: Path, restarted: list[str]) -> None:
    bus = StandInBus(AuthState(state="signed_in", realm="simulator"), IN_PARTY)
    bus.refusal = SignInError("It has expired.", "Get a fresh one.")
    with capture_logs() as logged, pytest.raises(SignInError):
        await requests(bus, tmp_path).answer(STUDIO, "SignIn", BODY)
    assert (len(bus.asked), restarted) == (1, [])
    assert not (tmp_path / "partyline.toml").exists()
    assert NPSSO not in str(logged)


async def test_without_supervisord_it_says_that_the_sign_in_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPERVISOR_SERVER_URL", raising=False)
    bus = StandInBus(AuthState(state="signed_in", realm="simulator"))
    with pytest.raises(PartylineError, match="You are signed in, but") as refused:
        await requests(bus, tmp_path).answer(STUDIO, "SignIn", BODY)
    assert "partyline up" in refused.value.remedy


async def test_a_sign_out_leaves_the_party_first_and_no_worker_keeps_the_token(
    tmp_path: Path, restarted: list[str]
) -> None:
    bus = StandInBus(SIGNED_IN, IN_PARTY)
    await requests(bus, tmp_path).answer(STUDIO, "SignOut", wire.pack(SignOut()))
    assert bus.asked == [LeaveParty(), SignOut()]
    assert restarted == ["signaling", "session"]


async def test_other_requests_are_the_workers(tmp_path: Path) -> None:
    body = wire.pack(SetMute(peer="2.PS5", muted=True))
    assert await requests(StandInBus(), tmp_path).answer(STUDIO, "SetMute", body) is None


@pytest.mark.parametrize("request_", ["SignIn", "SignOut"])
async def test_what_cannot_be_read_is_refused(tmp_path: Path, request_: str) -> None:
    bus = StandInBus()
    with pytest.raises(BadMessageError):
        await requests(bus, tmp_path).answer(STUDIO, request_, b"\xc1")
    assert bus.asked == []
