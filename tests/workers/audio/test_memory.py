from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.files.state import SET_ASIDE
from common.messages import TalkerProcessing
from workers.audio.memory import Choice, Choices, Master, load, save


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


def test_the_whole_desk_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "audio.json"
    choices = load(file)
    choices.set_solo("123.PS5", solo=True)
    choices.set_level("123.PS5", 4.56)
    choices.set_gain("456.PS4", 0.0)  # chosen: no newcomer's gain for him
    choices.set_master(gain_db=-3.0, delay_ms=250.0)
    choices.set_master(levelling=True, newcomer_gain_db=-6.0)
    choices.set_processing("456.PS4", TalkerProcessing(gate_db=-45.0, suppress=True, eq="dull", pan=-0.4))
    choices.set_device("BlackHole 2ch")
    save(file, choices.dump())
    again = load(file).kept
    assert again.talkers == {
        "123": Choice(solo=True, level_db=4.6),
        "456": Choice(gain_db=0.0, processing=TalkerProcessing(gate_db=-45.0, suppress=True, eq="dull", pan=-0.4)),
    }
    assert again.master == Master(gain_db=-3.0, delay_ms=250.0, levelling=True, newcomer_gain_db=-6.0)
    assert again.device == "BlackHole 2ch"


def test_a_file_of_talkers_alone_as_it_was_once_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "audio.json"
    file.write_text('{"123": {"gain_db": -30.0, "muted": false}}')
    assert load(file).of("123.PS5") == Choice(gain_db=-30.0)


@pytest.mark.parametrize("peer", ["", "someone", ".PS5", "12a.PS5", "\u0661.PS5"])
def test_a_name_that_is_no_peer_is_refused(peer: str) -> None:
    with pytest.raises(PartylineError):
        Choices().set_mute(peer, muted=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"1": {"gain_db": "loud"}}',
        b'{"talkers": {"1": {"gain_db": 400}}}',
        b'{"master": {"delay_ms": 2001}}',
        b"\xff",
    ],
)
def test_a_file_that_makes_no_sense_is_set_aside_and_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "audio.json"
    file.write_bytes(content)
    SET_ASIDE.take()
    assert load(file).kept == Choices().kept
    assert (tmp_path / "audio.json.bad").read_bytes() == content
    ((told, message),) = SET_ASIDE.take()
    assert told == file
    assert "audio.json.bad" in message


def test_what_a_newer_version_adds_costs_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "audio.json"
    file.write_text('{"talkers": {"1": {"gain_db": -3, "pan": 1}}, "master": {"tilt": 2}, "scenes": []}')
    assert load(file).of("1.PS5") == Choice(gain_db=-3.0)
    assert file.exists()


def test_what_cannot_be_saved_says_so(tmp_path: Path) -> None:
    with pytest.raises(PartylineError, match="cannot be saved"):
        save(tmp_path / "gone" / "audio.json", b"{}")


def test_the_own_account_is_muted_until_its_owner_is_another(tmp_path: Path) -> None:
    file = tmp_path / "audio.json"
    choices = load(file)
    choices.set_own_account("123")
    save(file, choices.dump())
    again = load(file)
    assert again.kept.own_account == "123"
    assert again.of("123.PS5").muted
    again.set_own_account("456")
    assert not again.of("123.PS5").muted
    assert again.of("456.PS4").muted
    again.set_own_account("")
    assert again.kept.own_account == ""
    assert not again.of("456.PS4").muted


def test_who_unmutes_himself_stays_unmuted() -> None:
    choices = Choices()
    choices.set_own_account("123")
    choices.set_mute("123.PS5", muted=False)
    choices.set_own_account("123")
    assert not choices.of("123.PS5").muted


@pytest.mark.parametrize("account", ["bridge", "x1"])
def test_only_an_account_can_be_the_own_one(account: str) -> None:
    choices = Choices()
    with pytest.raises(PartylineError):
        choices.set_own_account(account)
    assert choices.kept.own_account == ""
