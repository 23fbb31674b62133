from __future__ import annotations

import pytest

from common.psn.party.sessions import PartyMember
from workers.session.party.own_device import OwnDevice

OWN = OwnDevice("1", "MOBILE_APP")


@pytest.mark.parametrize(
    ("account_id", "platform", "peer", "ours"),
    [
        ("1", "MOBILE_APP", "1.MOBILE_APP", True),
        ("1", "PS5", "1.PS5", False),
        ("2", "MOBILE_APP", "2.MOBILE_APP", False),
        ("1", "", "1.MOBILE_APP", True),
        ("me", "me", "1.MOBILE_APP", True),
        ("2", "", "2.", False),
    ],
)
def test_our_entry_is_that_of_our_account_on_our_platform(
    account_id: str, platform: str, peer: str, ours: bool
) -> None:
    entry = PartyMember(account_id=account_id, platform=platform)
    assert (OWN.peer_of(entry), OWN.owns(entry)) == (peer, ours)
