"""Keys, rights, pace and origins of those who call."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.api import keys
from common.api.rights import NEEDED, RIGHTS, Right, allows
from common.config.pages import Rights
from common.files.paths import Paths
from workers.dashboard.api.callers import AT_ONCE, PER_S, Callers, CallRefusedError, may_call_from
from workers.dashboard.api.requests import OFFERED


def page_rights(given: str) -> Rights:
    return {"F": "full", "R": "read"}.get(given, "")  # type: ignore[return-value]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "home")
    made.make()
    return made


def callers(paths: Paths) -> Callers:
    made = Callers(paths, page_rights)
    made.poll()
    return made


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize("cls", NEEDED, ids=lambda cls: cls.__name__)
def test_a_key_of_each_right_against_each_request(paths: Paths, right: Right, cls: type) -> None:
    _, text = keys.make(paths, "a", right)
    door = callers(paths)
    grant = door.grant(text)
    if allows(right, NEEDED[cls]):
        door.check(grant, cls.__name__, OFFERED)
        return
    with pytest.raises(CallRefusedError) as refused:
        door.check(grant, cls.__name__, OFFERED)
    assert refused.value.status == 403
    assert "--also" in refused.value.remedy


@pytest.mark.parametrize("name", ["SignIn", "AccessToken", "EndSignals", "Nonsense", ""])
def test_what_is_not_offered_is_not_there_even_for_admin(paths: Paths, name: str) -> None:
    door = callers(paths)
    with pytest.raises(CallRefusedError) as refused:
        door.check(door.grant("F"), name, OFFERED)
    assert refused.value.status == 404


def test_the_pages_keys_open_the_same_door(paths: Paths) -> None:
    door = callers(paths)
    assert (door.grant("F").right, door.grant("R").right) == ("admin", "read")


@pytest.mark.parametrize("given", ["", "x", "pl.00.11", "F "])
def test_without_a_key_nothing(paths: Paths, given: str) -> None:
    with pytest.raises(CallRefusedError) as refused:
        callers(paths).grant(given)
    assert refused.value.status == 401


def test_keys_are_taken_up_and_revoked_while_it_runs(paths: Paths) -> None:
    door = callers(paths)
    _, text = keys.make(paths, "a", "read")
    assert not door.poll()
    grant = door.grant(text)
    assert door.is_valid(grant)
    keys.remove(paths, "a")
    assert door.poll()
    assert not door.is_valid(grant)
    with pytest.raises(CallRefusedError):
        door.grant(text)


def test_a_renamed_key_keeps_its_connections(paths: Paths) -> None:
    made, text = keys.make(paths, "a", "read")
    door = callers(paths)
    grant = door.grant(text)
    keys.rename(paths, made.key_id, "b")
    door.poll()
    assert door.is_valid(grant)
    assert door.grant(text).name == "b"


def test_the_use_of_a_key_is_told_and_that_of_the_pages_is_none(paths: Paths) -> None:
    made, text = keys.make(paths, "a", "read")
    used: list[str] = []
    door = Callers(paths, page_rights, used.append)
    door.poll()
    door.grant(text)
    door.grant("F")
    with pytest.raises(CallRefusedError):
        door.grant(text + "x")
    assert used == [made.key_id]
    assert door.key_ids == {made.key_id}


def test_a_broken_file_makes_no_key_valid_and_is_said(paths: Paths) -> None:
    _, text = keys.make(paths, "a", "admin")
    keys.keys_file(paths).write_bytes(b"{")
    door = callers(paths)
    assert door.error is not None
    with pytest.raises(CallRefusedError):
        door.grant(text)
    assert door.grant("F").right == "admin"


def test_who_asks_too_often_is_told_when_to_come_back(paths: Paths) -> None:
    door = callers(paths)
    grant, other = door.grant("F"), door.grant("R")
    for _ in range(int(AT_ONCE)):
        door.take(grant, 10.0)
    with pytest.raises(CallRefusedError) as refused:
        door.take(grant, 10.0)
    assert (refused.value.status, refused.value.retry_s) == (429, 1.0)
    door.take(other, 10.0)
    door.take(grant, 10.0 + 1 / PER_S)


@pytest.mark.parametrize(("origin", "may"), [
    ("", True),
    ("http://127.0.0.1:8770", True),
    ("http://localhost:3000", True),
    ("https://evil.example", False),
    ("null", False),
])  # fmt: skip
def test_pages_of_other_sites_may_call_if_they_are_listed(origin: str, may: bool) -> None:
    assert may_call_from(origin, "http://127.0.0.1:8770", ("http://localhost:3000",)) == may


def test_what_costs_more_counts_more(paths: Paths) -> None:
    door = callers(paths)
    grant = door.grant("F")
    door.take(grant, 10.0, AT_ONCE - 1)
    with pytest.raises(CallRefusedError):
        door.take(grant, 10.0, 2)
    door.take(grant, 10.0)
