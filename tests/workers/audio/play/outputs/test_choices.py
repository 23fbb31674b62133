"""Which outputs there are, from settings and choices."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.config.further_output import FurtherOutput
from common.errors import PartylineError
from common.requests import SetOutput
from workers.audio.play.outputs import choices as module
from workers.audio.play.outputs.choices import OutputChoices, OutputPlan, new_name

CONFIGURED = {"obs": FurtherOutput(device="BlackHole", gain_db=-3, delay_ms=120, muted=True)}
OBS = OutputPlan(name="obs", device="BlackHole", gain_db=-3, delay_ms=120, muted=True)


def refused(code: str, job: object, *words: object) -> None:
    with pytest.raises(PartylineError) as caught:
        job(*words)  # type: ignore[operator]
    assert caught.value.code == code
    assert caught.value.remedy


def test_without_settings_and_choices_there_is_the_main_output_alone() -> None:
    choices = OutputChoices({})
    assert choices.further == ()
    assert choices.main == OutputPlan(name="main") == choices.plan("main")


def test_an_output_of_the_settings_is_there_until_it_is_removed_and_can_be_added_again() -> None:
    choices = OutputChoices(CONFIGURED)
    assert choices.further == (OBS,)
    choices.remove("obs")
    assert choices.further == ()
    refused("audio.no-output", choices.plan, "obs")
    assert choices.add("Speakers", "obs") == OutputPlan("obs", "Speakers", -3, 120, muted=True)


def test_a_choice_wins_over_the_setting_and_leaves_the_rest() -> None:
    choices = OutputChoices(CONFIGURED)
    assert choices.set(SetOutput(name="obs", gain_db=0)) == OutputPlan("obs", "BlackHole", 0, 120, muted=True)
    assert choices.set(SetOutput(name="obs", delay_ms=0)).delay_ms == 0
    assert choices.set(SetOutput(name="obs", muted=False)) == OutputPlan("obs", "BlackHole", 0, 0, muted=False)
    assert choices.set(SetOutput(name="obs"), "BlackHole 2ch").device == "BlackHole 2ch"


def test_the_mixs_delay_can_be_chosen_again_whatever_the_setting_says() -> None:
    choices = OutputChoices(CONFIGURED)
    assert choices.set(SetOutput(name="obs", follow_mix_delay=True)).delay_ms is None
    assert choices.set(SetOutput(name="obs", gain_db=1)).delay_ms is None
    assert choices.set(SetOutput(name="obs", delay_ms=7)).delay_ms == 7


def test_the_main_output_has_gain_delay_and_mute_but_cannot_be_removed() -> None:
    choices = OutputChoices({})
    assert choices.set(SetOutput(name="main", gain_db=-6, delay_ms=5, muted=True)) == choices.main
    assert (choices.main.gain_db, choices.main.delay_ms, choices.main.muted) == (-6, 5, True)
    assert choices.further == ()
    refused("audio.main-output", choices.remove, "main")


def test_there_are_four_at_most_and_no_two_of_one_name() -> None:
    choices = OutputChoices({})
    assert choices.add("BlackHole 2ch", None).name == "blackhole-2ch"
    refused("audio.output-exists", choices.add, "Speakers", "blackhole-2ch")
    refused("audio.output-exists", choices.add, "Speakers", "main")
    choices.add("A", "a")
    choices.add("B", "b")
    refused("audio.outputs-full", choices.add, "C", "c")
    choices.remove("a")
    assert choices.add("C", "c") == OutputPlan(name="c", device="C")


def test_too_many_of_settings_and_choices_together_leave_out_the_last() -> None:
    choices = OutputChoices({})
    for name in "abc":
        choices.add(name.upper(), name)
    assert [plan.name for plan in OutputChoices(CONFIGURED, choices.kept).further] == ["obs", "a", "b"]


def test_a_choice_for_an_output_that_the_settings_have_no_more_is_kept_and_plays_nowhere() -> None:
    choices = OutputChoices(CONFIGURED)
    choices.set(SetOutput(name="obs", gain_db=-9))
    assert OutputChoices({}, choices.kept).further == ()


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("BlackHole 2ch", "blackhole-2ch"),
        ("2 Kopfhörer", "kopfhorer"),
        ("Bob\u2019s AirPods Pro (left)", "bobs-airpods-pro"),
        ("声", "output"),
        ("16", "output"),
    ],
)
def test_a_name_is_made_from_the_devices(device: str, name: str) -> None:
    assert new_name(device, ("main",)) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert new_name("Main", ("main",)) == "main-2"
    assert new_name("Bob\u2019s AirPods Pro", ("bobs-airpods-pro", "bobs-airpods-p-2")) == "bobs-airpods-p-3"


def test_what_was_chosen_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "audio-outputs.json"
    choices = module.load(file, CONFIGURED)
    choices.add("Speakers", "ears")
    choices.set(SetOutput(name="obs", delay_ms=3))
    module.save(file, choices.dump())
    assert module.load(file, CONFIGURED).further == choices.further
