"""Joining and creating: each state is saved before its call, and a refusal leaves nothing half open."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.psn.errors import RefusedError, UnreachableError
from common.psn.party.sessions import Party, PartyMember
from tests.workers.session.member.rig import HERE, MembershipRig
from workers.session.end_reasons import AccountFacts
from workers.session.member.membership_states import MembershipState
from workers.session.memory import PartyMemory

OTHER = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a6"


def party(session_id: str, *accounts: str) -> Party:
    members = tuple(PartyMember(account_id=one, platform="MOBILE_APP") for one in accounts)
    return Party(session_id=session_id, members=members)


async def test_a_join_waits_for_the_voice_chat_and_reads_the_party(home: Path) -> None:
    there = MembershipRig(home)
    state = await there.joining.join(HERE, "link")
    assert (state.phase, state.cpss_id, state.members_known) == ("joined", "link", True)
    assert [member.online_id for member in state.members] == ["Somebody", "Somebody"]
    assert there.signals == ["voice chat"]
    assert [one.phase for one in there.published] == ["joining", "joined"]
    assert there.calls.sent == ["join", "view", "names"]
    again = await there.joining.join(HERE.upper(), "")
    assert (again.context_id, there.calls.sent) == (state.context_id, ["join", "view", "names"])


async def test_another_party_is_joined_after_the_first_one_is_left(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    state = await there.joining.join(OTHER, "")
    assert (state.session_id, there.calls.left) == (OTHER, [HERE])
    assert [one.phase for one in there.published[2:]] == ["leaving", "none", "joining", "joined"]
    assert not there.idle


async def test_a_created_party_has_its_id_from_the_answer(home: Path) -> None:
    there = MembershipRig(home)
    state = await there.joining.create("Raid", open_to_friends=False)
    assert (there.published[0].session_id, there.published[0].name, state.session_id) == ("", "Raid", HERE)
    assert there.file.now.session_id == HERE


@pytest.mark.parametrize(
    ("failure", "listed", "left"),
    [
        (UnreachableError("no answer"), [party("a", "2"), party("b", "1")], ["b"]),
        (UnreachableError("no answer"), [party("phone", "1", "2")], []),
        (RefusedError("x", status=409), [party("phone", "1")], []),
    ],
)
async def test_a_party_made_without_an_answer_is_left_but_never_the_phones_one(
    home: Path, failure: PartylineError, listed: list[Party], left: list[str]
) -> None:
    there = MembershipRig(home)
    there.calls.refusals, there.calls.listed = [failure], listed
    with pytest.raises(PartylineError):
        await there.joining.create("", open_to_friends=False)
    assert there.calls.left == left
    assert (there.published[-1].phase, there.published[-1].end) == ("none", "refused")
    assert there.membership.state is MembershipState.OUT
    assert there.lost == []


async def test_a_refused_join_is_explained_by_the_account_and_left(home: Path) -> None:
    there = MembershipRig(home)
    there.calls.refusals = [RefusedError("x", status=403)]
    there.joining.on_account(AccountFacts(country="GB"))
    with pytest.raises(PartylineError, match="of the United Kingdom"):
        await there.join()
    assert (there.calls.left, there.published[-1].end) == ([HERE], "refused")
    assert there.lost == [], "nothing that we were in was lost"


async def test_a_half_open_membership_is_left_and_the_join_repeated_once(home: Path) -> None:
    there = MembershipRig(home)
    there.calls.refusals = [RefusedError("x", status=409)]
    await there.join()
    assert there.calls.sent[:4] == ["join", "list", f"leave {HERE}", "join"]
    assert there.membership.state is MembershipState.JOINED


async def test_a_join_that_a_kill_interrupts_is_finished_by_a_resync(home: Path) -> None:
    there = MembershipRig(home)
    there.file.keep(
        PartyMemory(phase="joining", session_id=HERE, context_id="c", account_id="1", platform="MOBILE_APP")
    )
    again = MembershipRig(home)
    assert again.resync.restore()
    assert again.membership.state is MembershipState.JOINING
    await again.resync.resync()
    assert again.membership.state is MembershipState.JOINED
    assert again.published[-1].joined_at > 0
