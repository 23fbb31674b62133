"""The loudest talker, as a display shows it."""

from __future__ import annotations

from integrations.mqtt.loudest import LoudestTalker


def heard(loudest: LoudestTalker, times: int = 20, **levels: float) -> None:
    for _ in range(times):
        loudest.levels(levels)


def test_nobody_and_one() -> None:
    loudest = LoudestTalker()
    assert loudest.choose([], 0) == ""
    assert loudest.choose(["a"], 0) == "a", "also before any level came"
    assert loudest.choose([], 0.1) == ""


def test_the_louder_of_two_if_clearly() -> None:
    loudest = LoudestTalker()
    heard(loudest, a=-20, b=-18)
    assert loudest.choose(["a"], 0) == "a"
    assert loudest.choose(["a", "b"], 10) == "a", "2 dB are not clearly louder"
    heard(loudest, a=-20, b=-10)
    assert loudest.choose(["a", "b"], 10) == "b"


def test_nobody_else_is_shown_for_less_than_a_second() -> None:
    loudest = LoudestTalker()
    heard(loudest, a=-20, b=-5)
    assert loudest.choose(["a"], 5) == "a"
    assert loudest.choose(["a", "b"], 5.99) == "a"
    assert loudest.choose(["a", "b"], 6.0) == "b"
    assert loudest.choose(["a"], 6.0) == "a", "who is silent is never shown"


def test_a_single_loud_syllable_changes_nothing() -> None:
    loudest = LoudestTalker()
    heard(loudest, a=-12, b=-40)
    loudest.choose(["a", "b"], 0)
    heard(loudest, times=1, a=-12, b=-3)
    assert loudest.choose(["a", "b"], 100) == "a"


def test_who_is_loud_but_not_speaking_is_not_chosen_and_who_left_is_forgotten() -> None:
    loudest = LoudestTalker()
    heard(loudest, a=-40, b=0)
    assert loudest.choose(["a"], 0) == "a"
    heard(loudest, a=-40)
    assert loudest.choose(["a", "b"], 10) == "a"
