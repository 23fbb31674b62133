"""What a person is told of floods: who, once, and not any more when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.files.paths import Paths
from common.messages import Member
from common.psn.http.trace import read
from workers.media.guard.diagnosis import Facts, explain
from workers.media.talkers import troubles
from workers.media.talkers.media_problems import FORGET_S, TRACE_EVERY_S, Troubles


class Worker:
    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.words: list[str] = []

    def publish_problem(self, code: str, message: str, _remedy: str, **_: Any) -> None:
        self.open[code] = message
        self.words.append(message)

    def clear_problem(self, code: str) -> None:
        self.open.pop(code, None)


def test_all_who_flood_are_named_in_words_that_stay_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, worker = 1000.0, Worker()
    monkeypatch.setattr(troubles.time, "monotonic", lambda: now)
    told = Troubles(worker, Paths(tmp_path))
    for _ in range(50):
        told.floods("mallory")
        told.floods("eve")
        told.bad_rtp("eve")
        told.each_second([])
    assert "eve, mallory" in worker.open["media.flood"]
    assert len(set(worker.words)) == 2
    now += FORGET_S + 1
    told.each_second([])
    assert worker.open == {}


def test_a_member_who_fails_again_and_again_pushes_nothing_out_of_the_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(troubles.time, "monotonic", lambda: now)
    paths = Paths(tmp_path)
    paths.make()
    told = Troubles(Worker(), paths)
    why = explain(Facts(ours=True, seconds={"ended": 9.0}))
    for _ in range(100):
        told.explained(Member(account_id="1", platform="PS5"), why)
    told.explained(Member(account_id="2", platform="PS5"), why)
    assert len(list(read(paths.trace_file))) == 2
    now += TRACE_EVERY_S
    told.explained(Member(account_id="1", platform="PS5"), why)
    assert [entry.host for entry in read(paths.trace_file)] == ["member"] * 3
