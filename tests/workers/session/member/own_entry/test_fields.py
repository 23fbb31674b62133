"""What our own member entry says."""

from __future__ import annotations

import pytest

from common.messages import Member
from common.psn.party.customdata import CustomData4, decode4, encode4
from workers.session.member.own_entry import fields

JOINED = CustomData4()
CHANGED = ("", "AQAAAA==", "1", "0", "9.9.9", "1", "0", "0", "", "", "new")


def test_version_and_mute_are_set_right_and_all_else_stays_as_it_came() -> None:
    right = fields.custom_data4(encode4(CustomData4(fields=CHANGED)), JOINED)
    assert decode4(right).fields == ("", "AQAAAA==", "1", "0", "6.2.0", "0", "0", "0", "", "", "new")
    assert fields.custom_data4(encode4(JOINED), JOINED) == encode4(JOINED)


@pytest.mark.parametrize("spoilt", ["", "%%%", "e30=", encode4(CustomData4(fields=("1",)))])
def test_what_cannot_be_read_becomes_what_the_app_sends_at_join(spoilt: str) -> None:
    assert fields.custom_data4(spoilt, JOINED) == encode4(JOINED)


def test_the_others_are_named_once_each_and_we_only_as_our_own_console() -> None:
    me = Member(account_id="1", platform="MOBILE_APP", is_me=True)
    bo, bos_phone = Member(account_id="2", platform="PS5"), Member(account_id="2", platform="MOBILE_APP")
    assert fields.others([bo, me, bos_phone]) == ("2",)
    assert fields.others([Member(account_id="1", platform="PS5"), me]) == ("1",)


def test_place_1_is_as_the_ladder_wants_it() -> None:
    number = JOINED.with_place_1("number")
    assert (JOINED.place_1, number.place_1, CustomData4(fields=("", 7)).place_1) == ("empty", "number", "")
    assert fields.custom_data4(encode4(JOINED), number) == encode4(number)
    assert fields.custom_data4(encode4(number), JOINED) == encode4(number), "what is shown stays"
    assert fields.custom_data4(encode4(number), JOINED, place_1=True) == encode4(JOINED), "until it is to be empty"
