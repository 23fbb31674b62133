"""The table of addresses."""

from __future__ import annotations

import pytest

from integrations.osc.address_table import ENDS, FORMS, OF_A_TALKER, OF_THE_WHOLE, WHOLE, of_place, stem, whole, written
from tests.integrations.osc.made import talker


def test_no_address_stands_twice() -> None:
    assert len(ENDS) == len(OF_A_TALKER)
    assert len(WHOLE) == len(OF_THE_WHOLE)


def test_each_is_written_as_osc_allows_and_explained() -> None:
    for one in (*OF_A_TALKER, *OF_THE_WHOLE):
        assert all(written(part) == part for part in one.path.split("/"))
        assert one.words
        assert one.is_taken or one.is_sent
        assert one.kind != "button" or one.way == "in"


def test_the_three_ways_to_name_a_talker() -> None:
    assert [stem(form, talker(3, name="Bo*Streams é")) for form in FORMS] == [
        "/partyline/talker/3", "/partyline/name/Bo_Streams__", "/partyline/account/1003",
    ]  # fmt: skip


def test_an_address_that_there_is_not_cannot_be_written() -> None:
    assert of_place(3, "gain/step") == "/partyline/talker/3/gain/step"
    assert whole("record/mark") == "/partyline/record/mark"
    with pytest.raises(KeyError):
        of_place(3, "volume")
    with pytest.raises(KeyError):
        whole("volume")
