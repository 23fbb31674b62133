"""`partyline events` over an interruption: nothing is asked for twice, and nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.api import events
from cli.shared.failures import CommandError
from common.api.frames import Since, Subscribe
from integrations.client.access import ApiAccess

HELLO = {"op": "hello", "run": "r", "number": 9}


def snapshot(number: int) -> dict[str, Any]:
    return {"op": "snapshot", "run": "r", "number": number, "topics": {}}


def event(number: int | None) -> dict[str, Any]:
    return {"op": "event", "number": number, "topic": "recording/", "message": None}


@pytest.mark.parametrize(("first", "since"), [
    ([HELLO], None),
    ([HELLO, snapshot(5)], Since(run="r", number=5)),
    ([HELLO, snapshot(5), event(7), event(None)], Since(run="r", number=7)),
    ([HELLO, {"op": "resumed", "run": "r", "number": 9}], None),
])  # fmt: skip
def test_it_goes_on_after_the_last_change_that_it_printed(
    first: list[dict[str, Any]], since: Since | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Since | None] = []

    def connection(_: ApiAccess, wanted: Subscribe, until: float | None) -> Iterator[dict[str, Any]]:
        assert until is None
        asked.append(wanted.since)
        if len(asked) == 1:
            yield from first
            raise ConnectionResetError
        yield event(10)

    monkeypatch.setattr(events, "_connection", connection)
    monkeypatch.setattr(events, "WAITS_S", (0.0,))
    shown = events.frames(ApiAccess("http://here", "k"), Subscribe(id=1))
    assert next(frame for frame in shown if frame == event(10))
    assert asked == [None, since]


def test_a_server_that_stays_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def connection(_: ApiAccess, __: Subscribe, ___: float | None) -> Iterator[dict[str, Any]]:
        raise ConnectionRefusedError
        yield

    monkeypatch.setattr(events, "_connection", connection)
    monkeypatch.setattr(events, "WAITS_S", (0.0, 0.0))
    with pytest.raises(CommandError, match="does not answer any more"):
        next(events.frames(ApiAccess("http://here", "k"), Subscribe(id=1)))
