from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from common.basic.clock import Moment
from common.errors import PartylineError
from common.psn.errors import NotFoundError
from common.psn.party.sessions import PartyInfo
from tests.support.waiting import until
from tests.workers.session.member.rig import HERE, MembershipRig
from workers.session.invitations import ReceivedInvitations
from workers.session.member.join_tasks import JoinTasks

LINK = "https://party.playstation.com/AbCdEfGhIjKlMnOpQrStUv"


class Parts:
    """The parts around the joins."""

    def __init__(self, home: Path, info: PartyInfo | None = None) -> None:
        self.there = MembershipRig(home)
        self.info = info
        self.successes = 0
        self.invitations = ReceivedInvitations(home / "i.json", "here", lambda _: None)
        self.invitations.on_listed([(HERE, "2", "Bo")], Moment.now())
        self.joins = JoinTasks(self.there.joining, self, self, self.invitations, self)  # type: ignore[arg-type]

    def current(self) -> SimpleNamespace:
        return SimpleNamespace(party_link="https://party.playstation.com/")

    async def resolve(self, cpss_id: str) -> PartyInfo:
        assert LINK.endswith(cpss_id)
        assert self.info is not None
        return self.info

    def on_success(self) -> None:
        self.successes += 1


async def test_a_join_uses_up_the_invitation_and_resolves_the_problems(home: Path) -> None:
    parts = Parts(home)
    state = await parts.joins.start(HERE)
    assert (state.phase, state.cpss_id, parts.successes) == ("joined", "", 1)
    assert parts.invitations.now(Moment.now()) == ()


async def test_a_link_is_resolved_and_remembered(home: Path) -> None:
    parts = Parts(home, PartyInfo(session_id=HERE, joinable=True))
    state = await parts.joins.start(LINK)
    assert (state.session_id, LINK.endswith(state.cpss_id), state.cpss_id != "") == (HERE, True, True)


async def test_a_link_that_says_closed_is_refused_unless_we_are_in_that_party(home: Path) -> None:
    parts = Parts(home, PartyInfo(session_id=HERE, joinable=False))
    with pytest.raises(PartylineError, match="not open to this account"):
        await parts.joins.start(LINK)
    assert parts.there.calls.sent == []
    await parts.joins.start(HERE)
    assert (await parts.joins.start(LINK)).phase == "joined"


async def test_an_invitation_into_a_party_that_is_gone_is_dropped(home: Path) -> None:
    parts = Parts(home)
    parts.there.calls.refusals = [NotFoundError("x", status=404)]
    with pytest.raises(PartylineError, match="does not exist"):
        await parts.joins.start_session(HERE, "")
    assert (parts.invitations.now(Moment.now()), parts.successes) == ((), 0)


async def test_a_stop_cancels_what_is_under_way(home: Path) -> None:
    parts = Parts(home)
    parts.there.calls.hold.clear()
    task = parts.joins.start_create("Raid", open_to_friends=True)
    await until(lambda: parts.there.published, "the join begins", within_s=30, every_s=0)
    await parts.joins.cancel_all()
    assert task.cancelled()
    assert parts.there.published[-1].phase == "joining", "the leave is the stopping worker's"
