"""Arguments as controllers send them."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.osc.wire.arguments import LONGEST_TEXT, OscArgumentError, is_pressed, number, switch, text


@pytest.mark.parametrize(("sent", "meant"), [
    (0.5, 0.5), (1, 1.0), (True, 1.0), (False, 0.0), ("-3.5", -3.5), (" -3 dB", -3.0), ("120ms", 120.0),
])  # fmt: skip
def test_a_number_may_come_as_any_type(sent: Any, meant: float) -> None:
    assert number((sent, "more")) == meant


@pytest.mark.parametrize(
    "sent", [(), (None,), ("loud",), (float("nan"),), (float("inf"),), (b"blob",), ([1.0],), ("",)]
)
def test_what_is_no_number_is_refused_with_a_remedy(sent: tuple[Any, ...]) -> None:
    with pytest.raises(OscArgumentError) as refused:
        number(sent)
    assert refused.value.remedy


@pytest.mark.parametrize(("sent", "meant"), [
    (1, True), (0, False), (1.0, True), (0.0, False), (127, True), (True, True), (False, False), (0.4, False),
    (0.5, True), ("on", True), ("OFF", False), ("true", True), ("1", True), ("0", False), (-1, False),
])  # fmt: skip
def test_a_switch_may_come_as_any_type(sent: Any, meant: bool) -> None:
    assert switch((sent,)) is meant


def test_a_switch_without_a_value_is_refused() -> None:
    with pytest.raises(OscArgumentError):
        switch(())


@pytest.mark.parametrize(("sent", "pressed"), [
    ((), True), ((1,), True), ((1.0,), True), ((True,), True), ((None,), True), (("go",), True), ((30,), True),
    ((0,), False), ((0.0,), False), ((False,), False),
])  # fmt: skip
def test_a_button_that_is_let_go_does_nothing(sent: tuple[Any, ...], pressed: bool) -> None:
    assert is_pressed(sent) is pressed


def test_a_text_is_cut_and_a_number_is_none() -> None:
    assert text((" goal ",)) == "goal"
    assert text((1.0,)) == text(()) == ""
    assert len(text(("x" * 1000,))) == LONGEST_TEXT
