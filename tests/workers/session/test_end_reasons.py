"""Each end of a party, and each refusal, is said as what it is."""

from __future__ import annotations

import pytest

from common.errors import PartylineError
from common.psn.errors import AppTooOldError, NotFoundError, RefusedError, ServerFaultError
from common.psn.party.sessions import Party, PartyInfo, PartyMember
from workers.session import end_reasons

REFUSED = RefusedError("x", status=403, sony_code=7, sony_message="Forbidden", reference_id="r-1")


def party(members: int, most: int, *, session_id: str = "s", name: str = "Night", open_: bool | None = None) -> Party:
    return Party(
        session_id=session_id,
        name=name,
        max_members=most,
        open=open_,
        members=tuple(PartyMember(account_id=str(n), platform="PS5") for n in range(members)),
    )


@pytest.mark.parametrize(
    ("error", "listed", "code", "words"),
    [
        (REFUSED, party(4, 4), "session.party-full", "The party 'Night' is full: 4 of 4."),
        (REFUSED, party(3, 4), "session.party-closed", "The party 'Night' is not open to this account."),
        (REFUSED, None, "session.party-closed", "The party is not open to this account."),
        (RefusedError("x", status=409), None, "session.party-elsewhere", "in a party. Leaving did not help."),
        (NotFoundError("x", status=404), None, "session.party-gone", "does not exist (any more)."),
    ],
)
def test_a_refused_join_is_explained_with_sonys_words_beside_it(
    error: PartylineError, listed: Party | None, code: str, words: str
) -> None:
    found = end_reasons.refused_join(error, listed)
    assert found.code == code
    assert words in found.message
    assert "PlayStation says: 4" in found.message
    assert found.remedy
    assert found.reference_id == error.reference_id


def test_what_passes_by_itself_or_is_not_understood_comes_back_as_it_is() -> None:
    for error in (ServerFaultError("x", status=503), RefusedError("x", status=400)):
        assert end_reasons.refused_join(error, None) is error


def test_a_link_to_a_full_party_is_told_from_one_to_a_closed_party() -> None:
    full = end_reasons.not_joinable(PartyInfo(session_id="s", joinable=False, members=16, max_members=16))
    closed = end_reasons.not_joinable(PartyInfo(session_id="s", joinable=False, members=3, max_members=16))
    assert (full.code, closed.code) == ("session.party-full", "session.party-closed")


def test_an_unknown_cause_is_named_and_bounded() -> None:
    assert end_reasons.party_ended("") == "The party has ended."
    assert end_reasons.party_ended("SOMETHING") == "The party has ended (SOMETHING)."
    assert len(end_reasons.party_ended("x" * 900)) < 100


CHILD, BRITISH, OTHER = (
    end_reasons.AccountFacts(country="GB", is_child=True),
    end_reasons.AccountFacts(country="GB"),
    end_reasons.AccountFacts(country="US"),
)


@pytest.mark.parametrize(
    ("account", "listed", "code", "words"),
    [
        (CHILD, None, "session.party-account", "did not let this account in. This is a child's account"),
        (BRITISH, None, "session.party-account", "this account is of the United Kingdom"),
        (BRITISH, party(3, 4), "session.party-account", "this account is of the United Kingdom"),
        (BRITISH, party(4, 4), "session.party-full", "4 of 4"),
        (BRITISH, party(3, 4, open_=False), "session.party-closed", "not open to this account"),
        (BRITISH, party(3, 4, open_=True), "session.party-account", "this account is of the United Kingdom"),
        (OTHER, None, "session.party-closed", "not open to this account"),
    ],
)
def test_an_account_that_may_not_be_in_parties_is_the_likely_cause_unless_the_party_is_full_or_closed(
    account: end_reasons.AccountFacts, listed: Party | None, code: str, words: str
) -> None:
    found = end_reasons.refused_join(REFUSED, listed, account=account)
    assert (found.code, words in found.message) == (code, True)
    if account.hint and code == "session.party-account":
        assert found.remedy == account.hint[1]


def test_a_refused_create_is_explained_by_the_account_or_not_at_all() -> None:
    found = end_reasons.refused_create(REFUSED, BRITISH)
    assert (found.code, "let this account create a party" in found.message) == ("session.party-account", True)
    assert BRITISH.hint is not None
    assert found.remedy == BRITISH.hint[1]
    assert end_reasons.refused_create(REFUSED, OTHER) is REFUSED


def test_an_app_that_is_too_old_is_said_as_that_whatever_the_account_is() -> None:
    error = AppTooOldError("x", status=403)
    assert end_reasons.refused_create(error, BRITISH) is error
    assert end_reasons.refused_join(error, party(4, 4), account=CHILD) is error


@pytest.mark.parametrize(
    ("listed", "there", "words"),
    [
        (None, None, "in a party. Leaving did not help."),
        (party(1, 4), party(1, 4), "in that party. Leaving did not help."),
        (party(1, 4), party(1, 4, session_id="t"), "still in another party 'Night'."),
        (None, party(1, 4, name=""), "still in another party."),
    ],
)
def test_a_conflict_says_in_which_party_the_account_is(listed: Party | None, there: Party | None, words: str) -> None:
    found = end_reasons.refused_join(RefusedError("x", status=409), listed, there)
    assert (found.code, words in found.message) == ("session.party-elsewhere", True)


@pytest.mark.parametrize(
    ("cause", "by", "words", "end"),
    [
        ("MEMBER_LEFT", "Bo", "Your account left it on another device", "elsewhere"),
        ("KICKED_OUT", "Bo", "Bo removed you", "removed"),
        ("", "Bo", "Bo removed you", "removed"),
        ("KICKED_OUT", "", "Somebody removed you", "removed"),
        ("", "", "or PlayStation dropped this device", "dropped"),
    ],
)
def test_who_took_us_out_is_said_as_far_as_it_is_known(cause: str, by: str, words: str, end: str) -> None:
    message, kind = end_reasons.removed(cause, by)
    assert (kind, words in message) == (end, True)


def test_a_party_whose_last_member_left_has_ended_by_that() -> None:
    assert end_reasons.party_ended("LAST_MEMBER_LEFT").startswith("The party has ended, because its last member left")
    assert end_reasons.party_ended("x" * 61) == f"The party has ended ({'x' * 60})."


@pytest.mark.parametrize(
    ("members", "most", "code"), [(4, 4, "full"), (5, 4, "full"), (3, 4, "closed"), (3, 0, "closed")]
)
def test_a_party_behind_a_link_is_full_or_closed(members: int, most: int, code: str) -> None:
    info = PartyInfo(session_id="s", joinable=False, members=members, max_members=most)
    assert end_reasons.not_joinable(info).code == f"session.party-{code}"


def test_sonys_own_words_stand_at_the_end_of_what_is_said() -> None:
    assert end_reasons.unknown_link(NotFoundError("x", status=404)).message.endswith("says: 404 (no words).")
    named = NotFoundError("x", status=404, sony_code=2105356, sony_message="User not found")
    assert end_reasons.nobody_called("Bo", named).message == (
        "Nobody on PlayStation is called 'Bo'. PlayStation says: 404 User not found, code 2105356."
    )


@pytest.mark.parametrize(("away_s", "minutes"), [(5, 1), (89, 1), (91, 2), (600, 10)])
def test_a_rejoin_says_for_how_long_we_were_away(away_s: float, minutes: int) -> None:
    assert f"(about {minutes} min)" in end_reasons.rejoined(away_s, "session.rejoined").message


def test_a_leave_that_is_not_confirmed_quotes_the_error_within_a_sentence() -> None:
    assert end_reasons.unconfirmed(ServerFaultError("No answer.", status=503)).endswith("until it does (No answer).")
