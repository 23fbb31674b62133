"""A frame of each talker a tick, whatever happens to one of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from workers.media.talkers import frame_sender
from workers.media.talkers.frame_sender import FrameSender


class Publisher:
    sent: list[Any]

    def __init__(self, _: object) -> None:
        Publisher.sent = []

    def send(self, *frame: Any) -> None:
        self.sent.append(frame)

    def close(self) -> None: ...


class Talker:
    def __init__(self, name: str, frame: Any) -> None:
        self.member = SimpleNamespace(peer=name)
        self.voice = self
        self.frame, self.renewed = frame, 0

    def tick(self, number: int, due_ns: int, boot: str) -> Any:
        if isinstance(self.frame, Exception):
            raise self.frame
        return self.frame and (self.frame, number, due_ns, boot)

    def renew(self) -> None:
        self.renewed += 1


def header(peer: str = "", *, sounding: bool = False) -> Any:
    return SimpleNamespace(peer=peer, sounding=sounding)


class Playout:
    def __init__(self) -> None:
        self.ticks: list[tuple[int, set[str]]] = []

    def tick(self, due_ns: int, speaking: set[str]) -> None:
        self.ticks.append((due_ns, set(speaking)))


class Worker:
    def __init__(self) -> None:
        self.paths = SimpleNamespace(run="run")
        self.bus = SimpleNamespace(boot="boot")
        self.problems: list[str] = []

    def publish_problem(self, code: str, *_: str, new_occurrence: bool) -> None:
        assert new_occurrence
        self.problems.append(code)


def test_a_voice_that_fails_is_restarted_and_the_others_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_sender, "AudioPublisher", Publisher)
    worker = Worker()
    x, y = header(), header()
    talkers: Any = {name: Talker(name, frame) for name, frame in (("a", x), ("b", ValueError()), ("c", None), ("d", y))}
    sender = FrameSender(worker, talkers, Playout())  # type: ignore[arg-type]
    sender.tick(0, 0)  # nothing is open yet
    sender.open()
    sender.tick(1, 10)
    assert Publisher.sent == [(x, 1, 10, "boot"), (y, 1, 10, "boot")]
    assert worker.problems == ["media.receive-fault"]
    assert [talker.renewed for talker in talkers.values()] == [0, 1, 0, 0]
    sender.close()
    sender.tick(2, 20)
    assert len(Publisher.sent) == 2


def test_the_common_delay_hears_before_each_tick_who_spoke_in_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frame_sender, "AudioPublisher", Publisher)
    talkers: Any = {"a": Talker("a", header("a.PS5", sounding=True)), "b": Talker("b", header())}
    worker: Any = Worker()
    playout: Any = Playout()
    sender = FrameSender(worker, talkers, playout)
    sender.tick(0, 0)
    sender.open()
    sender.tick(1, 10)
    talkers["a"].frame = header()
    sender.tick(2, 20)
    sender.tick(3, 30)
    assert playout.ticks == [(10, set()), (20, {"a.PS5"}), (30, set())]
