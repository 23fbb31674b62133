"""How members are called where one account is here twice, and who is gone."""

from __future__ import annotations

import pytest

from cli.shared.failures import CommandError
from common.messages import Member, PartyState
from tests.cli.shared.bus_states import bus_state, cleared, full
from tests.support.made import party


def test_a_peer_that_left_is_gone_from_the_state():
    state = full()
    state.record(cleared(party()))
    assert not state.joined


def members(*devices: tuple[str, str, str]) -> PartyState:
    return PartyState(
        phase="joined",
        session_id="s",
        members=tuple(Member(account_id=one, platform=platform, online_id=name) for one, platform, name in devices),
    )


def test_one_account_on_two_devices_is_called_by_its_device_and_found_by_it() -> None:
    here = bus_state(members(("2", "PS5", "Bo"), ("2", "MOBILE_APP", "Bo"), ("3", "PS5", "Cy")))
    assert here.names() == {"2.PS5": "Bo (PS5)", "2.MOBILE_APP": "Bo (phone)", "3.PS5": "Cy"}
    assert here.peer_called("bo (ps5)") == "2.PS5"
    assert here.peer_called("cy") == "3.PS5"
    assert here.peer_called("2.MOBILE_APP") == "2.MOBILE_APP"
    with pytest.raises(CommandError, match="several members") as twice:
        here.peer_called("bo")
    assert twice.value.remedy == 'Name one of these: "Bo (PS5)", "Bo (phone)".'


def test_two_accounts_of_one_name_on_the_same_device_are_told_apart_by_their_keys() -> None:
    here = bus_state(members(("2", "PS5", "Bo"), ("3", "PS5", "bo")))
    assert here.names() == {"2.PS5": "Bo (2.PS5)", "3.PS5": "bo (3.PS5)"}
