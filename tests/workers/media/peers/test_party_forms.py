"""Who leads its platform."""

from __future__ import annotations

from common.psn.unknowns import DEFAULT
from workers.media.peers.member_forms import MemberForms
from workers.media.peers.party_forms import PartyForms


def test_the_first_unheard_member_of_each_platform_leads() -> None:
    party = PartyForms()
    ann, bo, cy = (MemberForms((platform, "1"), dict(DEFAULT)) for platform in ("PS5", "PS5", "PS4"))
    for peer, member in (("1.PS5", ann), ("2.PS5", bo), ("3.PS4", cy)):
        party.add(peer, member)
    assert [party.leads(member) for member in (ann, bo, cy)] == [True, False, True]
    ann.heard = True
    assert party.leads(bo)
    assert list(party.unheard("PS5")) == [bo]
    assert party.is_anybody_heard()
    party.remove("1.PS5")
    assert not party.is_anybody_heard()
    assert ("1.PS5" in party, party.get("2.PS5")) == (False, bo)
