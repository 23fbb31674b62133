"""How members are called where one account is here twice, and how the status tells of the party."""

from __future__ import annotations

import msgspec
import pytest

from cli.pipeline import status_view
from cli.shared.failures import CommandError
from cli.shared.output import Style
from common.messages import Member, PartyState
from tests.cli.pictures import NOW, picture

PLAIN = Style(on=False)


def members(*devices: tuple[str, str, str]) -> PartyState:
    return PartyState(
        phase="joined",
        session_id="s",
        members=tuple(Member(account_id=one, platform=platform, online_id=name) for one, platform, name in devices),
    )


def test_the_status_says_that_members_are_not_known_yet_and_what_is_still_left() -> None:
    unread = msgspec.structs.replace(members(("1", "MOBILE_APP", "Ada")), members_known=False, unconfirmed=2)
    (line,) = [line for line in status_view.lines(picture(unread), NOW, NOW, PLAIN) if line.startswith("Party")]
    assert line == ("Party    s, members cannot be read yet, 2 earlier leaves not confirmed yet (repeated)")
    none = PartyState(phase="none", reason="Left the party.", unconfirmed=1)
    assert "Party    none: Left the party, 1 earlier leave not confirmed yet (repeated). Join one" in "\n".join(
        status_view.lines(picture(none), NOW, NOW, PLAIN)
    )


def test_one_account_on_two_devices_is_called_by_its_device_and_found_by_it() -> None:
    here = picture(members(("2", "PS5", "Bo"), ("2", "MOBILE_APP", "Bo"), ("3", "PS5", "Cy")))
    assert here.names() == {"2.PS5": "Bo (PS5)", "2.MOBILE_APP": "Bo (phone)", "3.PS5": "Cy"}
    assert here.peer_called("bo (ps5)") == "2.PS5"
    assert here.peer_called("cy") == "3.PS5"
    assert here.peer_called("2.MOBILE_APP") == "2.MOBILE_APP"
    with pytest.raises(CommandError, match="several members") as twice:
        here.peer_called("bo")
    assert twice.value.remedy == 'Name one of these: "Bo (PS5)", "Bo (phone)".'


def test_two_accounts_of_one_name_on_the_same_device_are_told_apart_by_their_keys() -> None:
    here = picture(members(("2", "PS5", "Bo"), ("3", "PS5", "bo")))
    assert here.names() == {"2.PS5": "Bo (2.PS5)", "3.PS5": "bo (3.PS5)"}
