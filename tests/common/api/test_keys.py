"""Keys: made once, found by their whole text, revoked, never kept as they are."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from common.api import keys
from common.errors import PartylineError
from common.files.lock import locked
from common.files.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "home")
    made.make()
    return made


def test_a_key_is_found_by_its_text_and_not_kept(paths: Paths) -> None:
    made, text = keys.make(paths, "Stream Deck", "control")
    kept = keys.load(paths)
    assert kept == (made,)
    found = keys.find(kept, text)
    assert found is not None
    assert (found.name, found.right, found.may("SetMute"), found.may("LeaveParty")) == (
        "Stream Deck",
        "control",
        True,
        False,
    )
    raw = keys.keys_file(paths).read_text()
    assert text not in raw
    assert text.rpartition(".")[2] not in raw
    assert stat.S_IMODE(keys.keys_file(paths).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "change", [lambda t: t + "x", lambda t: t[:-1], lambda t: "", lambda t: t.replace("pl.", "pl.0"), lambda t: "x"]
)
def test_another_text_is_no_key(paths: Paths, change) -> None:
    _, text = keys.make(paths, "a", "read")
    assert keys.find(keys.load(paths), change(text)) is None


def test_a_request_may_be_allowed_besides(paths: Paths) -> None:
    made, _ = keys.make(paths, "a", "read", ("LeaveParty",))
    assert [made.may(name) for name in ("LeaveParty", "SetMute", "SignIn", "Nonsense")] == [True, False, False, False]


@pytest.mark.parametrize("also", ["SignIn", "AccessToken", "Nonsense"])
def test_what_no_key_allows_cannot_be_added(paths: Paths, also: str) -> None:
    with pytest.raises(PartylineError, match="No key allows"):
        keys.make(paths, "a", "read", (also,))
    assert keys.load(paths) == ()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "A"])
def test_a_name_is_short_and_its_own(paths: Paths, name: str) -> None:
    keys.make(paths, "a", "read")
    with pytest.raises(PartylineError) as refused:
        keys.make(paths, name, "read")
    assert refused.value.remedy
    assert len(keys.load(paths)) == 1


def test_a_revoked_key_is_none(paths: Paths) -> None:
    made, text = keys.make(paths, "a", "admin")
    _, other = keys.make(paths, "b", "read")
    assert keys.remove(paths, made.key_id).name == "a"
    assert keys.find(keys.load(paths), text) is None
    assert keys.find(keys.load(paths), other) is not None
    with pytest.raises(PartylineError, match="no key called 'a'"):
        keys.remove(paths, "a")


def test_a_renamed_key_is_the_same_key(paths: Paths) -> None:
    made, text = keys.make(paths, "a", "read")
    keys.make(paths, "b", "admin")
    assert keys.rename(paths, made.key_id, " Stream  Deck ").name == "Stream Deck"
    found = keys.find(keys.load(paths), text)
    assert found is not None
    assert (found.name, found.right) == ("Stream Deck", "read")
    keys.rename(paths, "stream deck", "STREAM DECK")
    with pytest.raises(PartylineError, match="called 'B' already"):
        keys.rename(paths, made.key_id, "B")
    with pytest.raises(PartylineError, match="no key called 'c'"):
        keys.rename(paths, "c", "d")
    assert [key.name for key in keys.load(paths)] == ["STREAM DECK", "b"]


def test_a_key_that_is_called_like_the_id_of_another_one_is_not_taken_for_it(paths: Paths) -> None:
    first, _ = keys.make(paths, "a", "read")
    keys.make(paths, "b", "admin")
    keys.rename(paths, "b", first.key_id)
    assert keys.remove(paths, first.key_id).right == "read"


def test_changes_at_the_same_time_lose_none(paths: Paths) -> None:
    """Else a key that one program revokes comes back by what another one writes."""
    gone = [keys.make(paths, f"old {number}", "read")[0].key_id for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(keys.remove, paths, key_id) for key_id in gone]
        jobs += [pool.submit(keys.make, paths, f"new {number}", "read") for number in range(8)]
    assert [job.exception() for job in jobs] == [None] * 16
    assert {key.name for key in keys.load(paths)} == {f"new {number}" for number in range(8)}


def test_a_process_that_stopped_in_the_middle_of_a_change_holds_nobody_up_for_long(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_TRIES", 2)
    with (
        locked(keys.keys_file(paths).with_suffix(".lock"), tries=1, pause_s=0),
        pytest.raises(PartylineError, match="Another program is changing"),
    ):
        keys.make(paths, "a", "read")
    assert keys.load(paths) == ()


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"keys":[{}]}', b'{"format":2,"keys":[]}', b"\xff"])
def test_a_file_that_cannot_be_read_is_said_and_makes_no_key_valid(paths: Paths, content: bytes) -> None:
    keys.keys_file(paths).write_bytes(content)
    with pytest.raises(PartylineError) as refused:
        keys.load(paths)
    assert refused.value.code == "api.keys"


def test_there_is_a_most_of_keys(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_KEYS", 2)
    for name in "ab":
        keys.make(paths, name, "read")
    with pytest.raises(PartylineError, match="There are 2 keys"):
        keys.make(paths, "c", "read")


def test_the_file_says_its_format(paths: Paths) -> None:
    keys.make(paths, "a", "read")
    assert json.loads(keys.keys_file(paths).read_text())["format"] == keys.FORMAT
