"""Which scene we chose ourselves, and which somebody chose by hand."""

from __future__ import annotations

from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.studio.scene_choices import SceneChoices


class Line:
    """Choices of which OBS tells, each judged when it is certain."""

    def __init__(self) -> None:
        self.choices = SceneChoices()

    def by_hand(self, slot: Target, scene: str, now: float, present: str = "") -> bool:
        self.choices.tell(slot, scene, present, now)
        return self.choices.settled(now + 0.3) == {slot: scene}


def test_what_we_choose_is_ours_once() -> None:
    line = Line()
    assert line.by_hand(PROGRAM, "A", 0.0)
    line.choices.expect(PROGRAM, "A", 0.0)
    assert line.by_hand(PROGRAM, "B", 1.0)
    assert line.by_hand(PREVIEW, "A", 1.0)
    assert not line.by_hand(PROGRAM, "A", 1.0)
    assert line.by_hand(PROGRAM, "A", 1.0)


def test_it_is_expected_for_a_while_only() -> None:
    line = Line()
    line.choices.expect(PROGRAM, "A", 5.0)
    assert line.by_hand(PROGRAM, "A", 15.0)
    line.choices.expect(PROGRAM, "A", 5.0)
    assert not line.by_hand(PROGRAM, "A", 14.9)


def test_a_later_one_overtakes_earlier_ones_of_its_kind() -> None:
    line = Line()
    for slot, scene in ((PROGRAM, "A"), (PREVIEW, "P"), (PROGRAM, "B"), (PROGRAM, "C")):
        line.choices.expect(slot, scene, 0.0)
    assert not line.by_hand(PROGRAM, "B", 1.0)
    assert line.by_hand(PROGRAM, "A", 1.0)
    assert not line.by_hand(PREVIEW, "P", 1.0)
    assert not line.by_hand(PROGRAM, "C", 1.0)


def test_what_is_there_is_no_choice() -> None:
    assert not Line().by_hand(PROGRAM, "A", 0.0, "A")


def test_a_choice_is_certain_when_no_other_one_follows() -> None:
    choices = SceneChoices()
    assert choices.due() is None
    choices.tell(PROGRAM, "A", "", 1.0)
    assert choices.is_open(PROGRAM)
    assert not choices.is_open(PREVIEW)
    assert choices.due() == 1.3
    assert choices.settled(1.29) == {}
    choices.tell(PROGRAM, "B", "", 1.2)
    choices.tell(PREVIEW, "P", "", 1.3)
    assert choices.due() == 1.5
    assert choices.settled(1.5) == {PROGRAM: "B"}
    assert choices.settled(2.0) == {PREVIEW: "P"}
    assert choices.settled(3.0) == {}
    choices.tell(PROGRAM, "A", "", 4.0)
    choices.tell(PROGRAM, "Here", "Here", 4.01)
    assert not choices.is_open(PROGRAM)
    choices.tell(PROGRAM, "A", "", 5.0)
    choices.expect(PROGRAM, "C", 5.0)
    choices.tell(PROGRAM, "C", "", 5.1)
    assert choices.settled(9.0) == {}


def test_what_was_told_before_all_is_looked_at_anew_is_no_choice_any_more() -> None:
    choices = SceneChoices()
    choices.tell(PROGRAM, "A", "B", 0.0)
    choices.expect(PREVIEW, "P", 0.0)
    choices.forget_open()
    assert not choices.is_open(PROGRAM)
    assert choices.settled(1.0) == {}
    choices.tell(PREVIEW, "P", "Q", 1.0)
    assert not choices.is_open(PREVIEW), "our own change is told of later too"
