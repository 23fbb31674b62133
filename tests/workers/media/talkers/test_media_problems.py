"""What a person is told of floods: who, once, and not any more when it is over."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.files.paths import Paths
from common.messages import Member
from common.psn.http.trace import read
from common.system import qos
from workers.media.guard.diagnosis import ConnectionFacts, diagnose
from workers.media.talkers import media_problems
from workers.media.talkers.media_problems import FORGET_S, TRACE_EVERY_S, MediaProblems


class Worker:
    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.words: list[str] = []
        self.remedies: dict[str, str] = {}

    def publish_problem(self, code: str, message: str, remedy: str, **_: Any) -> None:
        self.open[code], self.remedies[code] = message, remedy
        self.words.append(message)

    def clear_problem(self, code: str) -> None:
        self.open.pop(code, None)


def test_all_who_flood_are_named_in_words_that_stay_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, worker = 1000.0, Worker()
    monkeypatch.setattr(media_problems.time, "monotonic", lambda: now)
    problems = MediaProblems(worker, Paths(tmp_path))
    for _ in range(50):
        problems.on_flood("mallory")
        problems.on_flood("eve")
        problems.on_bad_rtp("eve")
        problems.update([])
    assert "eve, mallory" in worker.open["media.flood"]
    assert len(set(worker.words)) == 2
    now += FORGET_S + 1
    problems.update([])
    assert worker.open == {}


def test_a_member_who_fails_again_and_again_pushes_nothing_out_of_the_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(media_problems.time, "monotonic", lambda: now)
    paths = Paths(tmp_path)
    paths.make()
    problems = MediaProblems(Worker(), paths)
    why = diagnose(ConnectionFacts(ours=True, seconds={"ended": 9.0}))
    for _ in range(100):
        problems.on_no_connection(Member(account_id="1", platform="PS5"), why)
    problems.on_no_connection(Member(account_id="2", platform="PS5"), why)
    assert len(list(read(paths.trace_file))) == 2
    now += TRACE_EVERY_S
    problems.on_no_connection(Member(account_id="1", platform="PS5"), why)
    assert [entry.host for entry in read(paths.trace_file)] == ["member"] * 3


def blocked(name: str, *, refused: bool = True) -> Any:
    """A talker that fails, because of this machine or not."""
    facts = ConnectionFacts(
        ours=True, seconds={"described": 0.1, "ended": 9.0}, local=("x",), pairs=("y",),
        lan_refused_by="EHOSTUNREACH" if refused else "",
    )  # fmt: skip
    negotiation = SimpleNamespace(status=SimpleNamespace(connection="failed"), retries=SimpleNamespace(failures=9))
    return SimpleNamespace(
        member=Member(account_id="1", platform="PS5", online_id=name),
        negotiation=negotiation, why=diagnose(facts), publisher=SimpleNamespace(way="own"),
    )  # fmt: skip


def test_a_blocked_local_network_is_a_problem_of_its_own_while_it_lasts(tmp_path: Path) -> None:
    worker = Worker()
    problems = MediaProblems(worker, Paths(tmp_path))
    problems.update([blocked("Bo"), blocked("Ava"), blocked("Cy", refused=False)])
    assert "Ava, Bo" in worker.open["media.local-network"]
    assert "Cy" not in worker.open["media.local-network"]
    assert "Bo" not in worker.open["media.no-connection"], "it is told once"
    problems.update([blocked("Cy", refused=False)])
    assert "media.local-network" not in worker.open


@pytest.mark.parametrize(("platform", "word"), [("darwin", "Low Power Mode"), ("linux", "this machine")])
def test_a_machine_that_is_late_for_a_minute_of_a_party_is_told_until_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, word: str
) -> None:
    now, worker = [1000.0], Worker()
    monkeypatch.setattr(media_problems.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(qos.sys, "platform", platform)
    problems = MediaProblems(worker, Paths(tmp_path))

    def a_minute(late_ms: float, *, is_in_party: bool = True) -> bool:
        for _ in range(62):
            now[0] += 1
            problems.on_lateness(late_ms, is_in_party=is_in_party)
        return "media.late-ticks" in worker.open

    assert not a_minute(9.0, is_in_party=False)
    assert a_minute(9.0)
    assert word in worker.remedies["media.late-ticks"]
    assert a_minute(4.0)
    assert not a_minute(1.0)
    assert a_minute(9.0)
    problems.on_lateness(9.0, is_in_party=False)
    assert "media.late-ticks" not in worker.open
