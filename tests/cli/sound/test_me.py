from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cli import __main__ as entry
from cli.shared.bus_state import BusState
from cli.sound import me
from common.requests import Done, SetOwnMember
from tests.cli.shared.bus_states import FULL, bus_state
from tests.support.made import BO


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []

    @asynccontextmanager
    async def connect() -> AsyncIterator[tuple[None, BusState]]:
        yield None, bus_state(*FULL)

    async def ask(_bus: None, request: Any, _wait_s: float) -> Done:
        found.append(request)
        return Done()

    monkeypatch.setattr(me, "connect", connect)
    monkeypatch.setattr(me, "ask", ask)
    return found


def test_a_member_is_named_by_online_id(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["me", "bo-streams"]) == 0
    assert asked == [SetOwnMember(account_id=BO.account_id)]
    assert "Bo-Streams is you" in capsys.readouterr().out


def test_none_takes_it_back(asked: list[Any]) -> None:
    assert entry.main(["me", "none"]) == 0
    assert asked == [SetOwnMember(account_id="")]


def test_without_a_word_it_only_tells(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["me"]) == 0
    assert asked == []
    assert "does not know which member is you" in capsys.readouterr().out


def test_nobody_of_that_name(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["me", "nobody-here"]) == 1
    assert asked == []
    assert "Nobody called" in capsys.readouterr().err
