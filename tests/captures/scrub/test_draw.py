from __future__ import annotations

import re

import pytest

from captures.scrub.draw import Draws, made_up

KEYS = [bytes([number]) * 32 for number in range(200)]


@pytest.mark.parametrize("pair", ["a4", "5e", "d7", "c3", "ff"])
def test_the_fakes_of_a_hardware_addresss_parts_look_like_none(pair: str) -> None:
    drawn = {Draws(key).token(pair, 0) for key in KEYS}
    assert len(drawn) > 20
    assert not [fake for fake in drawn if re.fullmatch(r"[0-9a-f]{2}", fake)]


@pytest.mark.parametrize("text", ["abcd", "Nova_Kite", "a1b2c3d4e5"])
def test_a_fake_is_the_same_for_a_key_and_bears_the_mark(text: str) -> None:
    for key in KEYS[:20]:
        fake = Draws(key).token(text, 0)
        assert fake == Draws(key).token(text, 0) != text
        assert made_up(fake)
    assert len({Draws(key).token(text, 0) for key in KEYS[:20]}) > 10
