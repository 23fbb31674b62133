"""One rule: attack, hold, minimum time, and whose name it shows."""

from __future__ import annotations

from integrations.obs_rules.decide.speech import SILENT_DB, SpeechTimes
from integrations.obs_rules.decide.trigger import Trigger
from integrations.obs_rules.rules.model import Rule, Wins
from tests.integrations.obs_rules.decide.made import party


class Line:
    def __init__(self, wins: Wins = "latest", **keys: object) -> None:
        self.speech = SpeechTimes()
        self.trigger = Trigger(Rule(**keys), wins)

    def at(self, now: float, *names: str, levels: dict[str, float] | None = None) -> Trigger:
        self.speech.hear(now, party(*names, levels=levels))
        self.trigger.hear(now, self.speech)
        return self.trigger


def test_it_holds_after_the_attack_and_until_the_hold_is_over() -> None:
    line = Line(who="Bo", attack_s=1.0, hold_s=2.0, minimum_s=0.0)
    assert not line.at(0.0, "Bo").is_on
    assert 1.0 in line.trigger.dues()
    assert not line.at(0.9, "Bo").is_on
    assert line.at(1.0, "Bo").is_on
    assert (line.trigger.began, line.trigger.speaker) == (1.0, "Bo")
    assert line.at(1.5).is_on
    assert 3.5 in line.trigger.dues()
    assert line.at(3.4).is_on
    assert not line.at(3.5).is_on
    assert line.trigger.speaker == "Bo", "for whoever holds it a little longer"


def test_speech_in_the_hold_begins_it_anew_without_attack() -> None:
    line = Line(who="Bo", attack_s=1.0, hold_s=2.0, minimum_s=0.0)
    line.at(0.0, "Bo")
    line.at(1.0, "Bo")
    line.at(2.0)
    line.at(3.0, "Bo")
    line.at(3.2)
    assert line.at(5.1).is_on
    assert line.trigger.began == 1.0, "so short a word is no new beginning"
    assert not line.at(5.2).is_on


def test_it_holds_at_least_its_minimum() -> None:
    line = Line(who="Bo", attack_s=0.0, hold_s=0.0, minimum_s=3.0)
    line.at(1.0, "Bo")
    assert line.at(1.1).is_on
    assert 4.0 in line.trigger.dues()
    assert line.at(3.9).is_on
    assert not line.at(4.0).is_on


def test_each_of_its_people_needs_the_attack_himself() -> None:
    line = Line(who="others", attack_s=1.0)
    line.at(0.0, "Bo")
    assert not line.at(0.9, "Cy").is_on
    assert not line.at(1.5, "Cy").is_on
    assert line.at(1.9, "Cy").is_on


def test_the_name_is_that_of_who_began_last_and_of_who_still_speaks() -> None:
    line = Line(who="anyone", attack_s=0.0, minimum_s=0.0)
    assert line.at(0.0, "Bo").speaker == "Bo"
    assert line.at(1.0, "Bo", "Cy").speaker == "Cy"
    assert line.trigger.began == 1.0
    assert line.at(2.0, "Bo").speaker == "Bo"
    assert line.at(2.1).speaker == "Bo"


def test_the_name_stays_for_the_minimum_time() -> None:
    line = Line(who="anyone", attack_s=0.0, minimum_s=2.0)
    line.at(0.0, "Bo")
    assert line.at(1.0, "Bo", "Cy").speaker == "Bo"
    assert 2.0 in line.trigger.dues()
    assert line.at(2.0, "Bo", "Cy").speaker == "Cy"


def test_the_name_of_the_loudest() -> None:
    line = Line("loudest", who="anyone", attack_s=0.0, minimum_s=0.0)
    assert line.at(0.0, "Bo", "Cy", levels={"Bo": -10.0, "Cy": -30.0}).speaker == "Bo"
    assert line.trigger.level_db == -10.0
    assert line.at(1.0).level_db == SILENT_DB


def test_silence() -> None:
    line = Line(who="nobody", attack_s=2.0, hold_s=1.0, minimum_s=0.0)
    line.at(0.0)
    assert 2.0 in line.trigger.dues()
    assert line.at(2.0).is_on
    assert line.trigger.speaker == ""
    assert line.at(2.5, "Bo").is_on
    assert not line.at(3.5, "Bo").is_on
