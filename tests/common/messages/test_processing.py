from __future__ import annotations

import pytest

from common.messages import TalkerProcessing


def test_the_words_of_a_choice() -> None:
    assert TalkerProcessing().words == "unchanged"
    everything = TalkerProcessing(gate_db=-45, suppress=True, eq="dull", pan=-0.4)
    assert everything.words == "gate at -45 dBFS, noise suppression, equaliser for dull, panned 40 % left"


@pytest.mark.parametrize(("pan", "words"), [(0, "in the middle"), (-1, "100 % left"), (0.25, "25 % right")])
def test_a_place_is_told_in_percent(pan: float, words: str) -> None:
    assert TalkerProcessing(pan=pan).side == words
