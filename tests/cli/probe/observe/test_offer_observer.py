"""Who offers in a window, and who answers in a glare, message by message, in made-up time."""

from __future__ import annotations

from cli.probe.observe.evidence import Evidence
from cli.probe.observe.observations import Glare, OfferBehaviour
from tests.cli.probe.observe.messages import ANSWER, LARGE, SMALL, party, signal, state, take


def test_who_offers_in_the_window_and_who_does_not_is_told_with_order_and_size():
    evidence = Evidence()
    evidence.open_window(0.0)
    seen = take(evidence, (1.0, party((SMALL, 2), (LARGE, 3))), (2.5, signal(SMALL, "in")))
    assert seen == [OfferBehaviour(who="A", older=False, smaller=True, offered=True, waited_s=1.5)]
    assert not evidence.offers.all_judged()
    (quiet,) = evidence.close_window(6.0)
    assert quiet == OfferBehaviour(who="B", older=False, smaller=False, offered=False, waited_s=5.0)


def test_older_members_are_told_as_such():
    evidence = Evidence()
    evidence.open_window(0.0)
    (seen,) = take(evidence, (1.0, party((LARGE, 1), mine=2)), (2.0, signal(LARGE, "in")))
    assert (seen.older, seen.smaller) == (True, False)
    assert evidence.offers.all_judged()


def test_who_was_there_before_the_window_opened_is_not_judged_by_it():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    evidence.open_window(2.0)
    take(evidence, (3.0, party((SMALL, 2), (LARGE, 3))), (4.0, signal(LARGE, "in")))
    assert evidence.offers.all_judged()
    assert evidence.close_window(6.0) == []


def test_an_offer_of_ours_that_came_first_says_nothing_of_theirs():
    evidence = Evidence()
    evidence.open_window(0.0)
    seen = take(evidence, (1.0, party((SMALL, 2))), (1.1, signal(SMALL, "out")), (2.0, signal(SMALL, "in")))
    assert [one for one in seen if isinstance(one, OfferBehaviour)] == []
    assert evidence.close_window(5.0) == []


def test_an_offer_that_comes_before_its_sender_is_known_counts():
    evidence = Evidence()
    evidence.open_window(0.0)
    take(evidence, (0.5, party()), (1.0, signal(SMALL, "in")), (1.1, party((SMALL, 2))))
    (seen,) = evidence.close_window(5.0)
    assert seen.offered


def test_without_a_window_nothing_is_told_of_offers():
    evidence = Evidence()
    assert take(evidence, (1.0, party((SMALL, 2))), (2.0, signal(SMALL, "in"))) == []


def test_our_own_console_counts_as_the_smaller_one():
    evidence = Evidence()
    evidence.open_window(0.0)
    take(evidence, (1.0, party(("50.PS5", 2))))
    (seen,) = evidence.close_window(5.0)
    assert seen.smaller


def understood(evidence):
    """Have been connected with somebody of that platform before."""
    take(
        evidence,
        (1.0, party((SMALL, 2))),
        (1.5, signal(SMALL, "in")),
        (1.6, signal(SMALL, "out", "answer", sdp=ANSWER)),
        (2.0, state(SMALL)),
        (3.0, party()),
    )
    evidence.open_window(4.0, meets=True)


def glares(seen):
    return [(one.older, one.answered) for one in seen if isinstance(one, Glare)]


def test_an_answer_to_ours_while_theirs_waits_is_told():
    evidence = Evidence()
    understood(evidence)
    seen = take(
        evidence,
        (5.0, party((SMALL, 2))),
        (6.0, signal(SMALL, "in")),
        (6.1, signal(SMALL, "out", sequence=7)),
        (6.5, signal(SMALL, "in", "answer", sequence=7, sdp=ANSWER)),
    )
    assert glares(seen) == [(False, True)]


def test_no_answer_to_ours_until_we_answer_theirs_is_told():
    evidence = Evidence()
    understood(evidence)
    seen = take(
        evidence,
        (5.0, party((SMALL, 2))),
        (6.0, signal(SMALL, "in")),
        (6.1, signal(SMALL, "out", sequence=7)),
        (10.0, signal(SMALL, "out", "answer", sdp=ANSWER)),
    )
    assert glares(seen) == [(False, False)]


def test_a_member_that_may_not_understand_us_tells_nothing_by_its_silence():
    evidence = Evidence()
    evidence.open_window(0.0, meets=True)
    seen = take(
        evidence,
        (1.0, party((SMALL, 2))),
        (2.0, signal(SMALL, "in")),
        (2.1, signal(SMALL, "out", sequence=7)),
        (6.0, signal(SMALL, "out", "answer", sdp=ANSWER)),
    )
    assert glares(seen) == []
