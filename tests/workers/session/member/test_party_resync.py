"""What a resync means for the membership, and the calls that find that we are no member."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.errors import PartyError
from common.psn.errors import BadAnswerError, NotAMemberError, RefusedError
from common.psn.party.sessions import Party, PartyMember
from tests.workers.session.member.rig import ENTRIES, HERE, MembershipRig
from workers.session.actions import NameMembers, PublishParty


async def test_a_view_that_fails_after_a_join_is_repeated_and_the_party_goes_on(home: Path) -> None:
    there = MembershipRig(home)
    there.calls.views = [BadAnswerError("no JSON"), RefusedError("x", status=400), None]
    await there.join()
    assert (there.published[-1].phase, there.published[-1].members_known, len(there.resyncs)) == ("joined", False, 1)
    with pytest.raises(RefusedError):
        await there.resync.resync()
    assert there.membership.party_state().phase == "joined"
    await there.resync.resync()
    assert there.membership.party_state().members_known
    assert [m.account_id for m in there.membership.party_state().members] == ["1", "2"]


async def test_a_view_that_does_not_show_us_yet_does_not_cost_us_the_party(home: Path) -> None:
    there = MembershipRig(home)

    async def without_us(session_id: str, *_: Any) -> Party:
        return Party(session_id=session_id, members=(PartyMember(account_id="2", platform="PS5"),))

    seen, there.calls.party = there.calls.party, without_us  # type: ignore[method-assign]
    await there.join()
    with pytest.raises(BadAnswerError, match="does not show us in the party yet"):
        await there.resync.resync()
    there.calls.party = seen  # type: ignore[method-assign]
    await there.resync.resync()
    assert (there.membership.party_state().phase, there.membership.memory.known) == ("joined", True)
    assert not any(one.startswith("leave") for one in there.calls.sent)


async def test_not_a_member_is_taken_as_left_without_another_call(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    before = list(there.calls.sent)

    async def refused() -> None:
        raise NotAMemberError("x", sony_code=2233351)

    with pytest.raises(NotAMemberError):
        await there.resync.during(refused())
    assert (there.published[-1].phase, there.published[-1].end) == ("none", "dropped")
    assert there.calls.sent == before


async def test_a_view_that_says_not_a_member_ends_the_party_without_a_leave(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    there.calls.views = [NotAMemberError("x", status=404, sony_code=2233351)]
    await there.resync.resync()
    assert (there.published[-1].phase, there.published[-1].end) == ("none", "dropped")
    assert not any(one.startswith("leave") for one in there.calls.sent)


async def test_another_account_ends_the_party_without_a_leave(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    there.tokens.account_id = "9"
    await there.resync.resync()
    assert (there.published[-1].phase, there.published[-1].reason) == ("none", "Another account has signed in.")
    assert there.calls.left == []


async def test_a_party_that_is_shown_without_us_is_lost_but_not_left(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    there.file.keep(msgspec.structs.replace(there.file.now, joined=None))  # long ago
    there.calls.entries = ENTRIES[1:]
    await there.resync.resync()
    assert (there.published[-1].end, there.calls.left) == ("dropped", [])
    (lost,) = there.lost
    assert (lost.session_id, lost.end, lost.away_s < 60.0) == (HERE, "dropped", True)


async def test_without_a_party_a_resync_and_a_call_do_nothing(home: Path) -> None:
    there = MembershipRig(home)
    assert not there.resync.restore()
    await there.resync.resync()
    with pytest.raises(PartyError, match="left meanwhile"):
        await there.resync.during(there.calls.publish())
    assert (there.calls.sent, [state.phase for state in there.published]) == ([], ["none"])


async def test_a_restart_names_nobody_before_the_server_has_shown_our_entry(home: Path) -> None:
    await MembershipRig(home).join()
    again = MembershipRig(home)
    again.resync.restore()
    assert [type(action) for action in again.asked] == [PublishParty]
    await again.resync.resync()
    assert [type(action) for action in again.asked[1:]] == [NameMembers, PublishParty]
