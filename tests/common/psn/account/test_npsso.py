"""An NPSSO is 64 random letters and digits: alone, named or broken over lines. Nothing else is taken for one."""

from __future__ import annotations

import pytest

from common.psn.account.npsso import npsso_in

NPSSO = "aB3" * 21 + "x"
OTHER = "cD4" * 21 + "y"


def pieces(*lengths: int) -> str:
    """Return the NPSSO with a line break after each of these lengths."""
    found, at = [], 0
    for length in lengths:
        found.append(NPSSO[at : at + length])
        at += length
    return "\n".join([*found, NPSSO[at:]])


@pytest.mark.parametrize(
    "text",
    [
        NPSSO, f"my npsso is {NPSSO}, thanks", f"npsso={NPSSO}; path=/", f'"npsso" : "{NPSSO}"', f"NPSSO\t{NPSSO}",
        f"npsso='{NPSSO[:20]}\n{NPSSO[20:]}'", pieces(32), pieces(8, 8, 8, 8), pieces(30, 30),
        f"npsso={pieces(8, 40, 15)}", f"{NPSSO} and again {NPSSO}", f"see https://x.example/{OTHER} {NPSSO}",
    ],
)  # fmt: skip
def test_it_is_found(text: str) -> None:
    assert npsso_in(text) == NPSSO


@pytest.mark.parametrize(
    "text",
    [
        "", NPSSO[:-1], NPSSO + "z", f"{NPSSO} {OTHER}", f"npsso={NPSSO} npsso={OTHER}",
        "ab3" * 21 + "x", "AB3" * 21 + "X", "aBc" * 21 + "x",  # without a capital, a small letter, a digit
        f"https://x.example/{NPSSO}", f"x-{NPSSO}", f"{NPSSO}=",
        pieces(8, 8, 8, 8, 8), pieces(7), pieces(30, 7), pieces(*[2] * 31),
        NPSSO[:20] + "\n-" + NPSSO[21:], "npsso=" + "abcdefgh " * 8, "npsso=", "npsso=short", f'npsso="{NPSSO[:20]}',
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert npsso_in(text) == ""


def test_a_named_value_of_another_length_is_taken_too_for_sony_may_change_it() -> None:
    assert npsso_in("npsso=aB3aB3aB3aB3aB3aB3; path=/") == "aB3aB3aB3aB3aB3aB3"
    assert npsso_in('{"npsso": "aB3aB3aB3aB3aB3aB3"}') == "aB3aB3aB3aB3aB3aB3"
    assert npsso_in("npsso=aB3aB3aB3aB3aB3") == ""
