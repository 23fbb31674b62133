from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from workers.audio.remembered import Choice, Choices, load, save


def test_a_choice_is_kept_for_the_account_whatever_the_console(tmp_path: Path) -> None:
    file = tmp_path / "audio.json"
    choices = load(file)
    choices.set_gain("123.PS5", -6.5)
    choices.set_mute("456.PS4", muted=True)
    save(file, choices.dump())
    again = load(file)
    assert again.of("123.MOBILE_APP") == Choice(gain_db=-6.5)
    assert again.of("456.PS4") == Choice(muted=True)
    assert again.of("789.PS4") == Choice()


@pytest.mark.parametrize("gain_db", [-60.1, 20.1, float("nan"), float("inf")])
def test_a_gain_out_of_range_is_refused_with_the_range(gain_db: float) -> None:
    with pytest.raises(PartylineError) as caught:
        Choices().set_gain("1.PS5", gain_db)
    assert "-60 to 20 dB" in caught.value.remedy


@pytest.mark.parametrize("peer", ["", "someone", ".PS5", "12a.PS5", "\u0661.PS5"])
def test_a_name_that_is_no_peer_is_refused(peer: str) -> None:
    with pytest.raises(PartylineError):
        Choices().set_mute(peer, muted=True)


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"1": {"gain_db": "loud"}}', b'{"1": {"volume": 1}}', b'{"1": {"gain_db": 400}}', b"\xff"]
)
def test_a_file_that_makes_no_sense_is_a_problem_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "audio.json"
    file.write_bytes(content)
    with pytest.raises(PartylineError) as caught:
        load(file)
    assert caught.value.remedy


def test_what_cannot_be_saved_says_so(tmp_path: Path) -> None:
    with pytest.raises(PartylineError, match="cannot be saved"):
        save(tmp_path / "gone" / "audio.json", b"{}")
