"""What all rules together want: contradictions, groups, scenes, pauses, and what holds whatever is said."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.rules.rule_file import read
from tests.integrations.obs_rules.decide.made import NAMES, Timeline, item, party, show, spans

QUICK = {"attack_s": 0.0, "hold_s": 0.0, "minimum_s": 0.0}
TEXT = Target("text", source="Speaker")


def scene(who: str, name: str, **keys: Any) -> str:
    more = "".join(f"{key} = {value!r}\n" for key, value in keys.items())
    return f'[[rule]]\nwho = {who}\nscene = "{name}"\n{more}'


def test_a_source_is_shown_while_he_speaks_and_hidden_otherwise() -> None:
    line = Timeline(show('"bo"', "B", **QUICK))
    assert line.last.wanted == {item("B"): False}
    assert line.speak("Bo") == {item("B"): True}
    assert line.speak("Cy") == {item("B"): False}


def test_who_speaks_can_be_named_in_each_way() -> None:
    for who, speaks in {
        '"anyone"': NAMES, '"others"': NAMES[1:], '"me"': ("Ava",), '["Bo", 3]': ("Bo", "Cy"), "4": ("Di",)
    }.items():  # fmt: skip
        line = Timeline(show(who, "X", **QUICK))
        assert tuple(name for name in NAMES if line.speak(name)[item("X")]) == speaks


def test_hide_filters_and_text() -> None:
    line = Timeline(
        '[[rule]]\nwho = "Bo"\nhide = { scene = "Game", source = "X" }\nattack_s = 0\nhold_s = 0\nminimum_s = 0\n'
        'enable = { source = "C", filter = "F" }\ndisable = [{ source = "C", filter = "G" }]\n'
        'text = { source = "Speaker", text = "{name}!", otherwise = "-" }\n'
    )
    on, off = Target("filter", source="C", filter="F"), Target("filter", source="C", filter="G")
    assert line.last.wanted == {item("X"): True, on: False, off: True, TEXT: "-"}
    assert line.speak("Bo") == {item("X"): False, on: True, off: False, TEXT: "Bo!"}


def test_of_rules_that_contradict_the_highest_priority_wins_then_the_latest() -> None:
    hide = '[[rule]]\nwho = "Cy"\nhide = { scene = "Game", source = "X" }\nattack_s=0\nhold_s=0\nminimum_s=0\npriority='
    line = Timeline(show('"Bo"', "X", **QUICK), f"{hide}1")
    assert line.last.wanted == {item("X"): True}, "nobody speaks: the highest priority decides"
    assert line.speak("Cy") == {item("X"): False}
    line.wait(1)
    assert line.speak("Cy", "Bo") == {item("X"): False}
    line = Timeline(show('"Bo"', "X", **QUICK), f"{hide}0")
    assert line.last.wanted == {item("X"): False}, "the first in the file"
    line.speak("Bo")
    line.wait(1)
    assert line.speak("Cy", "Bo") == {item("X"): False}
    line.speak("Cy")
    line.wait(1)
    assert line.speak("Cy", "Bo") == {item("X"): True}


def test_of_a_group_the_loudest_wins_and_others_only_if_they_are_clearly_louder() -> None:
    rules = [show(f'"{name}"', name, exclusive="faces", **QUICK) for name in ("Bo", "Cy")]
    line = Timeline(*rules, '[exclusive.faces]\nwins = "loudest"')
    assert line.speak("Bo", "Cy", levels={"Bo": -30, "Cy": -20}) == {item("Bo"): False, item("Cy"): True}
    assert line.speak("Bo", "Cy", levels={"Bo": -18, "Cy": -20})[item("Cy")]
    assert line.speak("Bo", "Cy", levels={"Bo": -17, "Cy": -20})[item("Bo")]


def test_in_a_group_the_name_is_that_of_the_loudest() -> None:
    text = '[[rule]]\nwho = "anyone"\ntext = { source = "Speaker" }\nexclusive = "f"\nattack_s = 0\nminimum_s = 0\n'
    line = Timeline(text, '[exclusive.f]\nwins = "loudest"')
    line.speak("Bo", levels={"Bo": -10})
    line.wait(0.1)
    assert line.speak("Bo", "Cy", levels={"Bo": -10, "Cy": -30}) == {TEXT: "Bo"}


def test_of_a_group_the_latest_wins_unless_told_otherwise() -> None:
    line = Timeline(*[show(f'"{name}"', name, exclusive="faces", **QUICK) for name in ("Bo", "Cy")])
    assert line.speak("Cy")[item("Cy")]
    line.wait(0.1)
    assert line.speak("Bo", "Cy") == {item("Bo"): True, item("Cy"): False}
    assert line.speak("Cy") == {item("Bo"): False, item("Cy"): True}


def test_the_scene_follows_and_comes_back_to_what_it_was() -> None:
    line = Timeline(scene('"Bo"', "Bo big", attack_s=0.5, hold_s=1.0, minimum_s=3.0))
    assert line.last.wanted == {PROGRAM: None}
    line.speak("Bo")
    assert line.wait(0.4) == {PROGRAM: None}
    assert line.wait(0.1) == {PROGRAM: "Bo big"}
    line.speak()
    assert line.wait(2.9) == {PROGRAM: "Bo big"}
    assert line.wait(0.2) == {PROGRAM: None}


def test_silence_has_a_scene_but_no_party_has_none() -> None:
    line = Timeline(scene('"nobody"', "Game only", attack_s=8.0, hold_s=0.0, minimum_s=0.0))
    assert line.wait(7.9) == {PROGRAM: None}
    assert line.wait(0.2) == {PROGRAM: "Game only"}
    assert line.speak("Di") == {PROGRAM: None}
    line.hear([])
    assert line.wait(20) == {PROGRAM: None}


def test_a_scene_chosen_by_hand_is_left_alone_for_a_while_then_each_has_its_minimum_again() -> None:
    line = Timeline(scene('"Bo"', "B", minimum_s=5.0), scene('"Cy"', "C", minimum_s=5.0), "[scenes]\npause_s = 30")
    line.speak("Bo")
    assert line.wait(1) == {PROGRAM: "B"}
    assert line.engine.pause(PROGRAM, line.now) == 30
    assert line.hear(line.voices) == {}
    assert line.wait(29.9) == {}
    assert line.wait(0.2) == {PROGRAM: "B"}
    line.speak("Cy", "Bo")
    assert line.wait(4.7) == {PROGRAM: "B"}
    assert line.wait(0.3) == {PROGRAM: "C"}


def test_the_preview_scene_has_a_pause_of_its_own() -> None:
    line = Timeline('[[rule]]\nwho = "Bo"\npreview = "P"\nscene = "S"\nattack_s = 0')
    line.engine.pause(PROGRAM, line.now)
    assert line.speak("Bo") == {PREVIEW: "P"}


def test_the_scene_is_switched_only_from_those_that_are_named() -> None:
    line = Timeline(scene('"Bo"', "B", **QUICK), '[scenes]\nwhen_on = ["Game"]')
    assert line.speak("Bo") == {}
    line.engine.scene_is("Game")
    assert line.hear(line.voices) == {PROGRAM: "B"}
    line.engine.scene_is("BRB")
    assert line.hear(line.voices) == {}


def test_when_nothing_is_known_any_more_all_stays_for_a_while_and_is_over_then() -> None:
    line = Timeline(show('"Bo"', "B", **QUICK))
    line.speak("Bo")
    line.hear(None)
    assert (line.last.wanted, line.last.is_over) == ({}, False)
    line.wait(9.9)
    assert not line.last.is_over
    line.wait(0.2)
    assert line.last.is_over
    assert line.last.due is None
    assert line.speak("Bo") == {item("B"): True}
    assert not line.last.is_over


def test_nothing_is_known_at_first() -> None:
    line = Timeline(show('"Bo"', "B"))
    fresh = type(line.engine)(read(show('"Bo"', "B"), "rules"))
    fresh.hear(0.0, None)
    assert fresh.decide(0.0).is_over


def test_who_speaks_when_the_rules_become_others_need_not_begin_again() -> None:
    line = Timeline(show('"Bo"', "B", attack_s=2.0))
    line.speak("Bo")
    line.wait(1.5)
    line.engine.pause(PROGRAM, line.now)
    line.engine.use(read(show('"Bo"', "Other", attack_s=2.0) + scene('"Bo"', "S", attack_s=0), "rules"))
    line.hear(line.voices)
    assert line.wait(0.4) == {item("Other"): False}, "and a scene chosen by hand is still left alone"
    assert line.wait(0.2) == {item("Other"): True}


# --- whatever is said ------------------------------------------------------------------------------------

seconds = st.integers(0, 30).map(lambda tenths: tenths / 10)
acts = st.lists(
    st.tuples(
        seconds,
        st.sets(st.sampled_from(NAMES)),
        st.dictionaries(st.sampled_from(NAMES), st.integers(-60, 0).map(float)),
    ),
    min_size=1, max_size=25,
)  # fmt: skip
timings = st.fixed_dictionaries({"attack_s": seconds, "hold_s": seconds, "minimum_s": seconds})


def play(line: Timeline, acts: list[tuple[float, set[str], dict[str, float]]]) -> None:
    for wait_s, names, levels in acts:
        line.wait(wait_s)
        line.speak(*names, levels=levels)
    line.wait(100)


@settings(max_examples=60)
@given(acts, st.lists(timings, min_size=4, max_size=4), st.sampled_from(("latest", "loudest")))
def test_never_two_of_a_group_and_each_stays_its_minimum(acts: Any, times: Any, wins: str) -> None:
    rules = [show(f'"{name}"', name, exclusive="f", **one) for name, one in zip(NAMES, times, strict=True)]
    line = Timeline(*rules, f'[exclusive.f]\nwins = "{wins}"')
    play(line, acts)
    for _, wanted in line.history:
        assert sum(map(bool, wanted.values())) <= 1
    for name, one in zip(NAMES, times, strict=True):
        for (at, shown), (until, _) in itertools.pairwise(spans(line.history, item(name))):
            assert not shown or until - at >= one["minimum_s"] - 1e-6


@settings(max_examples=60)
@given(acts, st.lists(timings, min_size=3, max_size=3), st.sampled_from(("latest", "loudest")))
def test_a_scene_stays_at_least_as_long_as_its_rule_says(acts: Any, times: Any, wins: str) -> None:
    rules = [scene(f'"{name}"', name, **one) for name, one in zip(NAMES, times, strict=False)]
    line = Timeline(*rules, f'[scenes]\nwins = "{wins}"')
    play(line, acts)
    minimum = {name: one["minimum_s"] for name, one in zip(NAMES, times, strict=False)}
    for (at, shown), (until, _) in itertools.pairwise(spans(line.history, PROGRAM)):
        assert shown is None or until - at >= minimum[str(shown)] - 1e-6
    assert line.last.wanted == {PROGRAM: None} or line.voices != party()


@settings(max_examples=60)
@given(acts, timings)
def test_attack_and_hold_are_kept(acts: Any, times: Any) -> None:
    line = Timeline(show('"Bo"', "B", **times))
    play(line, acts)
    spoke, now = [], 0.0  # begin and end of each speech of Bo's
    for wait_s, names, _ in acts:
        now += wait_s
        if ("Bo" in names) and (not spoke or spoke[-1][1] is not None):
            spoke.append([now, None])
        elif "Bo" not in names and spoke and spoke[-1][1] is None:
            spoke[-1][1] = now
    for (at, shown), (until, _) in itertools.pairwise(spans(line.history, item("B"))):
        if shown:
            assert any(
                begin + times["attack_s"] <= at + 1e-6 and (end is None or at <= end + 1e-6) for begin, end in spoke
            )
            last = max(end for begin, end in spoke if begin <= until and end is not None and end <= until + 1e-6)
            assert until - last >= times["hold_s"] - 1e-6
            assert until - at >= times["minimum_s"] - 1e-6


@settings(max_examples=60)
@given(acts, st.lists(timings, min_size=4, max_size=4), seconds)
def test_between_two_moments_that_are_due_nothing_changes(acts: Any, times: Any, later: float) -> None:
    rules = [show(f'"{name}"', name, exclusive="f", **one) for name, one in zip(NAMES[:2], times, strict=False)]
    rules += [scene(f'"{name}"', name, **one) for name, one in zip(NAMES[2:], times[2:], strict=False)]
    line = Timeline(*rules)
    for wait_s, names, levels in acts:
        line.wait(wait_s)
        line.speak(*names, levels=levels)
        line.wait(later)
        assert line.peek() == line.last.wanted
