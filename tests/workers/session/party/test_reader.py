from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartyError
from common.psn.errors import ServerFaultError
from common.psn.party.sessions import PartyMember
from tests.workers.session.member.rig import Calls, MembershipRig
from workers.session.party.reader import PartyReader


class NoNames(Calls):
    async def names(self, accounts: list[str]) -> dict[str, str]:
        self.sent.append(f"names {len(accounts)}")
        raise ServerFaultError("x", status=503)


async def test_names_that_cannot_be_read_are_no_failure_and_are_not_asked_for_again(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    party = there.membership.party
    assert party is not None
    party.table.merge([PartyMember(account_id="3", platform="PS5")])
    calls = NoNames()
    reader = PartyReader(calls, calls)  # type: ignore[arg-type]
    await reader.add_names(party)
    await reader.add_names(party)
    assert calls.sent == ["names 1"]


async def test_nothing_is_read_of_a_party_that_is_over(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    party = there.membership.party
    assert party is not None
    party.scope.close()
    calls = NoNames()
    with pytest.raises(PartyError, match="left meanwhile"):
        await PartyReader(calls, calls).read(party)  # type: ignore[arg-type]
    assert calls.sent == []
