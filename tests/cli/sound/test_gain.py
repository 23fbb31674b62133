"""Numbers with a range, as they are typed."""

from __future__ import annotations

import argparse

import pytest

from cli.sound.gain import GAINS, gain_db, within


@pytest.mark.parametrize(("text", "value"), [("-6", -6.0), ("+20", 20.0), ("0", 0.0), ("-60", -60.0)])
def test_a_gain_is_a_number_of_decibels(text, value):
    assert gain_db(text) == value


@pytest.mark.parametrize("text", ["loud", "nan", "21", "-60.1", ""])
def test_anything_else_is_refused_with_the_range(text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"is not a delay from -60 to 20 ms$"):
        within(GAINS, text, "a delay", "ms")
