"""A rule file: what it may say, and that whatever is wrong is told with line and key."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.obs_rules.rules.model import PROGRAM, Rule, Target
from integrations.obs_rules.rules.rule_file import RuleFileError, read
from integrations.obs_rules.run import EXAMPLE

GOOD = '[[rule]]\nwho = "Bo"\nscene = "S"\n'


def test_an_empty_file_has_no_rules() -> None:
    assert read("", "f").rule == ()


def test_a_rule_has_what_is_usual_where_it_says_nothing() -> None:
    (rule,) = read(GOOD, "f").rule
    assert rule == Rule(who="Bo", scene="S", attack_s=0.2, hold_s=1.0, minimum_s=1.0, priority=0)


def test_the_example_is_right_and_shows_every_key() -> None:
    text = EXAMPLE.read_text("utf-8")
    rules = read(text, "example")
    assert len(rules.rule) == 6
    for key in ("name", "who", "show", "enable", "text", "scene", "exclusive", "priority", "attack_s", "hold_s"):
        assert f"{key} =" in text
    assert rules.need_levels()


@pytest.mark.parametrize(("text", "line", "told"), [
    ("[[rule]\n", 1, "TOML"),
    (f"{GOOD}attak_s = 1\n", 4, "rule 1: .*unknown field `attak_s`"),
    (f"{GOOD}\n{GOOD}hold_s = -1\n", 8, "rule 2.hold_s: must be at least 0"),
    (f"# a comment\n{GOOD}attack_s = 61\n", 5, "rule 1.attack_s: must be at most 60"),
    (f"{GOOD}show = {{ scene = 'Game' }}\n", 4, "rule 1.show: .*missing required field `source`"),
    (f"{GOOD}[rule.show]\nscene = 'a'\nsorce = 'b'\n", 6, "rule 1.show: .*unknown field `sorce`"),
    ("[[rule]]\nscene = 'x'\n", 1, "rule 1: .*missing required field `who`"),
    ("[[rule]]\nscene = 'x'\nwho = 0\n", 3, "rule 1.who: must be at least 1"),
    (f"{GOOD}\n[scenes]\npause_s = 5\nwins = 'quietest'\n", 7, "scenes.wins"),
    ("[[rule]]\nwho = 'Bo'\n", 1, "does nothing"),
    ("[[rule]]\nscene = 's'\nwho = []\n", 3, "names nobody"),
    ("[[rule]]\nscene = 's'\nwho = ['nobody', 'Bo']\n", 3, "`nobody` stands alone"),
    (f"{GOOD}[exclusive.a]\nwins = 'latest'\n", 4, "no rule has `exclusive = 'a'`"),
    (f"{GOOD}exclusive = 'nobody'\n[exclusive.nobody]\n", 5, "choose another word"),
    (f"{GOOD}name = '''\nwho =\n[x]\n'''\npriority = 1001\n", 8, "rule 1.priority"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_line_and_key(text: str, line: int, told: str) -> None:
    with pytest.raises(RuleFileError, match=told) as wrong:
        read(text, "rules.toml")
    assert f"line {line}" in wrong.value.message
    assert wrong.value.message.startswith("rules.toml")
    assert wrong.value.remedy


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_is_rules_or_told(text: str) -> None:
    with contextlib.suppress(RuleFileError):
        read(text, "f")


def test_the_targets_are_told_once_with_the_scenes_of_all_rules() -> None:
    rules = read(
        '[[rule]]\nwho="a"\nscene="S"\nshow={scene="G",source="X"}\n'
        '[[rule]]\nwho="b"\nscene="T"\nshow={scene="G",source="X"}\n', "f",
    )  # fmt: skip
    assert rules.targets() == {PROGRAM: ("S", "T"), Target("item", scene="G", source="X"): ()}
