"""A person's name is learnt where it stands and known wherever it comes again."""

from __future__ import annotations

from captures.scrub.allow_list import ONLINE_IDS, PERSONAL
from captures.scrub.names import LearntNames

ONLINE_ID = next(iter(ONLINE_IDS))
ANY_PERSONAL = next(iter(PERSONAL))


def test_an_online_id_is_known_in_any_case_and_one_harmless_word_identifies_nobody() -> None:
    names = LearntNames()
    names.learn("Bo-Streams", ONLINE_ID)
    names.learn("party", ONLINE_ID)
    assert names.is_name("BO-STREAMS")
    assert not names.is_name("party")
    assert not names.is_name("Streams")


def test_a_harmless_word_that_is_part_of_a_name_is_harmless_no_longer() -> None:
    names = LearntNames()
    assert names.is_harmless("Party")
    names.learn("The Party King", ANY_PERSONAL)
    assert not names.is_harmless("party")
    assert names.is_harmless("member")
    assert not names.is_harmless("quillon"), "no word of the protocol"


def test_other_fields_teach_no_names() -> None:
    names = LearntNames()
    names.learn("Party Member", "reason")
    assert names.is_harmless("party")
    assert not names.is_name("Party Member")
