"""State → messages."""

from __future__ import annotations

import pytest

from integrations.osc.address_table import FORMS, OF_A_TALKER, OF_THE_WHOLE, STRIPS, of_place, whole
from integrations.osc.desk import Desk
from integrations.osc.outgoing.feedback import NEAR, NOBODY, decibels, is_same, level_values, state_values
from integrations.osc.wire.osc_packets import encode
from tests.integrations.osc.made import desk, talker

BO = talker(1, name="Bo", gain_db=-20.0, muted=True, speaking=True)
KINDS = {"float": float, "int": int, "switch": int, "string": str}
ANSWERS = {"pong", "error"}


def test_a_talker_under_each_of_its_addresses() -> None:
    values = state_values(desk(BO), FORMS)
    for stem in ("talker/1", "name/Bo", "account/1001"):
        found = {one.path: values.get(f"/partyline/{stem}/{one.path}") for one in OF_A_TALKER if one.is_sent}
        assert found == {
            "fader": 0.5, "gain": -20.0, "gain/text": "-20 dB", "mute": 1, "solo": 0, "speaking": 1, "level": None,
            "name": "Bo", "account": "1001", "connected": 1,
        }  # fmt: skip


def test_only_the_forms_that_are_wanted() -> None:
    assert not [address for address in state_values(desk(BO), ("talker",)) if "/name/" in address]
    assert not [address for address in state_values(desk(BO), ("name",)) if "/talker/" in address]


def test_a_place_that_nobody_has_is_shown_empty() -> None:
    values = state_values(desk(BO), ("talker",))
    assert [values[of_place(place, "name")] for place in (1, 2, STRIPS)] == ["Bo", "", ""]
    assert {end: values[of_place(2, end)] for end in NOBODY} == NOBODY
    assert NOBODY["fader"] == 0.75
    assert set(NOBODY) == {one.path for one in OF_A_TALKER if one.is_sent}


def test_each_value_has_the_type_of_the_table_and_each_sent_address_a_value() -> None:
    now = desk(BO, gain_db=3, delay_ms=120.4, seconds=3723)
    values = {**state_values(now, ("talker",)), **level_values({"mix": -6.0}, now, ("talker",))}
    for one in OF_THE_WHOLE:
        if one.is_sent and one.path not in ANSWERS:
            assert type(values.pop(whole(one.path))) is KINDS[one.kind], one.path
    for place in range(1, STRIPS + 1):
        for one in OF_A_TALKER:
            if one.is_sent:
                value = values.pop(of_place(place, one.path))
                assert type(value) is KINDS[one.kind], one.path
    assert values == {}
    assert encode(state_values(now, FORMS))


def test_what_labels_show() -> None:
    values = state_values(desk(BO, gain_db=2.5, delay_ms=120.4, seconds=3723), ())
    assert values[whole("master/gain/text")] == "+2.5 dB"
    assert values[whole("master/delay/text")] == "120 ms"
    assert values[whole("record/time")] == "1:02:03"
    assert state_values(desk(seconds=61), ())[whole("record/time")] == "1:01"


@pytest.mark.parametrize(("gain_db", "words"), [
    (0.0, "0 dB"), (-0.04, "0 dB"), (0.04, "0 dB"), (-3.0, "-3 dB"), (2.54, "+2.5 dB"), (-60.0, "-60 dB"),
    (20.0, "+20 dB"),
])  # fmt: skip
def test_gains_in_words(gain_db: float, words: str) -> None:
    assert decibels(gain_db) == words


def test_without_the_api_only_that_is_said_or_the_last_state_as_old() -> None:
    assert state_values(Desk(), ("talker",)) == {whole("connected"): 0}
    lost = state_values(desk(BO).lost(), ("talker",))
    assert lost[whole("connected")] == 0
    assert lost[of_place(1, "name")] == "Bo"
    assert lost[of_place(1, "speaking")] == 0


def test_levels_are_meters_in_steps_of_a_decibel() -> None:
    levels = {"talkers": {BO.peer: -27.0}, "mix": 3.0}
    now = desk(BO, talker(2))
    assert level_values(levels, now, ("talker",)) == {
        whole("master/level"): 1.0, of_place(1, "level"): 0.5, of_place(2, "level"): 0.0,
    }  # fmt: skip
    assert level_values({"talkers": {BO.peer: -27.3}}, now, ("name",))["/partyline/name/Bo/level"] == 0.5
    assert set(level_values({}, now, ("talker",)).values()) == {0.0}


def test_what_a_control_cannot_show_is_the_same() -> None:
    assert is_same(0.5, 0.5 + NEAR / 2)
    assert not is_same(0.5, 0.5 + NEAR * 1.1)
    assert is_same(1.0, 1)
    assert not is_same("a", None)
    assert not is_same(0.0, None)
    assert not is_same(1, 0)
    assert is_same("a", "a")
