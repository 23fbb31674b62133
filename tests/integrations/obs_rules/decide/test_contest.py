"""One of several: priority, who came last, who is loudest, and the minimum time."""

from __future__ import annotations

from integrations.obs_rules.decide.contest import Claim, Contest


def test_nobody_has_what_nobody_wants() -> None:
    contest: Contest[str] = Contest("latest")
    assert contest.decide(0.0, []) is None
    assert contest.decide(0.0, [Claim("a", 0.0)]) == "a"
    assert contest.decide(0.0, []) is None


def test_the_highest_priority_then_who_came_last_then_who_has_it() -> None:
    contest: Contest[str] = Contest("latest")
    assert contest.decide(1.0, [Claim("a", 0.0), Claim("b", 1.0), Claim("c", 2.0, priority=-1)]) == "b"
    assert contest.decide(2.0, [Claim("a", 1.0), Claim("b", 1.0)]) == "b"
    assert contest.decide(3.0, [Claim("b", 1.0), Claim("a", 0.5, priority=1)]) == "a"
    assert contest.decide(4.0, [Claim("a", 1.0), Claim("b", 1.5)]) == "b"


def test_whoever_has_it_stays_his_minimum_even_if_he_does_not_want_it() -> None:
    contest: Contest[str] = Contest("latest")
    assert contest.decide(1.0, [Claim("a", 1.0, minimum_s=2.0)]) == "a"
    assert contest.free_at == 3.0
    assert contest.decide(2.9, [Claim("b", 2.0, priority=9)]) == "a"
    assert contest.decide(3.0, [Claim("b", 2.0, priority=9)]) == "b"
    assert contest.free_at == 3.0, "b has no minimum"


def test_the_loudest_has_it_until_another_is_clearly_louder() -> None:
    contest: Contest[str] = Contest("loudest")
    assert contest.decide(0.0, [Claim("a", 9.0, -30.0), Claim("b", 0.0, -20.0)]) == "b"
    assert contest.decide(0.0, [Claim("a", 9.0, -17.1), Claim("b", 0.0, -20.0)]) == "b"
    assert contest.decide(0.0, [Claim("a", 9.0, -17.0), Claim("b", 0.0, -20.0)]) == "a"
