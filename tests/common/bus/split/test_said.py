"""Which message is whose, what crosses, and how it looks on the other side."""

from __future__ import annotations

from typing import Any

import pytest

from common.basic.division import MOVABLE, OF_THE_PARTY
from common.bus.split import said
from common.messages import MESSAGES, Message, MixerState, PartyState, PeerSignal, Problem, WorkerHealth, wire
from common.messages.wire import Header, Received

PARTY, DESK = frozenset(OF_THE_PARTY), frozenset(MOVABLE)
MIX = MixerState(sink="null", wanted_sink="null", where="nowhere")
OFFER = PeerSignal(direction="out", account_id="2", platform="PS5", kind="offer", sdp="a=ice-pwd:secret")


def health(worker: str, **more: Any) -> WorkerHealth:
    return WorkerHealth(worker=worker, pid=1, boot="b", state="running", started_at=1.0, beat_s=100.0, **more)


def problem(worker: str, code: str = "x.y") -> Problem:
    return Problem(worker=worker, code=code, message="m", remedy="r", at=1.0)


def received(message: Message, sender: str, topic: str = "") -> Received:
    header = Header(sender=sender, boot="boot", seq=7, at=1.0)
    return Received(topic=topic or message.topic(), header=header, message=message)


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_every_message_crosses_or_stays_with_a_reason(cls: type[Message]) -> None:
    """Who says it is compared with the code by `tests/structure/test_directions.py`."""
    assert [cls in said.OF_EACH, cls in said.STAYS, cls in said.SAID_BY].count(True) == 1


@pytest.mark.parametrize(
    ("message", "sender"),
    [
        (MIX, "audio"),
        (health("audio"), "audio"),
        (problem("audio"), "audio"),
        (health("broker"), "broker"),
        (problem("link"), "link"),
    ],
)
def test_a_worker_of_the_desk_says_what_is_its_own(message: Message, sender: str) -> None:
    assert said.is_said(received(message, sender), DESK)


@pytest.mark.parametrize(
    "wrong",
    [
        received(PartyState(phase="joined"), "session"),
        received(PartyState(phase="joined"), "audio"),
        received(MIX, "recorder"),
        received(health("session"), "audio"),
        received(health("session"), "audio", "worker.health/audio"),
        received(health("audio"), "audio", "worker.health/session"),
        received(problem("session"), "audio"),
        received(problem("session"), "audio", "problem/audio.x.y"),
        received(MIX, "audio", "audio.mixer/other"),
        received(OFFER, "media"),
        received(MIX, "cli-1"),
        received(health("desk/broker"), "desk/broker"),
    ],
)
def test_nobody_speaks_for_another_and_offers_stay(wrong: Received) -> None:
    assert not said.is_said(wrong, DESK)
    if wrong.cls is PeerSignal:
        assert not said.is_said(wrong, PARTY)


def test_a_cleared_message_is_its_workers_too() -> None:
    header = Header(sender="audio", boot="b", seq=1, at=1.0)
    assert said.is_said(Received(topic="problem/audio.x.y", header=header, message=None), DESK)
    assert not said.is_said(Received(topic="problem/session.x.y", header=header, message=None), DESK)


def test_a_subscription_has_what_they_say_and_no_echo() -> None:
    topics = said.prefixes(PARTY)
    assert not any("worker.health/spare/broker".startswith(topic) for topic in topics)
    assert {"party.state/", "peer.state/", "worker.health/media", "problem/media.", "worker.health/broker"} <= set(
        topics
    )
    assert not {"audio.mixer/", "worker.health/audio", "peer.signal/", "worker.health/"} & set(topics)


def test_times_of_the_boot_clock_are_moved_and_nothing_else() -> None:
    assert said.shifted(health("audio"), -40.0) == health(
        "audio",
    ).__class__(worker="audio", pid=1, boot="b", state="running", started_at=1.0, beat_s=60.0)
    joined = PartyState(phase="joined", joined_s=50.0, joined_at=9.0)
    assert said.shifted(joined, 5.0) == PartyState(phase="joined", joined_s=55.0, joined_at=9.0)
    assert said.shifted(PartyState(phase="none"), 5.0) == PartyState(phase="none")
    assert said.shifted(MIX, 5.0) is MIX


def test_programs_that_both_machines_have_are_called_by_their_machine() -> None:
    named = said.named(received(health("broker"), "broker"), "spare")
    assert (named.topic, named.header.sender) == ("worker.health/spare/broker", "spare/broker")
    assert wire.decode(said.frames(named)) == named
    missing = said.named(received(problem("broker", "worker.missing.media"), "broker"), "spare")
    assert missing.topic == "problem/spare/broker.worker.missing.media"
    assert wire.decode(said.frames(missing)).message == problem("spare/broker", "worker.missing.media")
    assert said.named(received(MIX, "audio"), "spare") == received(MIX, "audio")


@pytest.mark.parametrize(
    ("topic", "whose"),
    [
        ("party.state/", True), ("worker.health/media", True), ("problem/media.no-connection", True),
        ("worker.health/spare/broker", True), ("problem/spare/gate.gate.port", True),
        ("worker.health/broker", False), ("worker.health/audio", False), ("audio.mixer/", False),
        ("problem/audio.x", False), ("problem/link.away", False), ("peer.signal/in/2.PS5", False),
    ],
)  # fmt: skip
def test_which_retained_topics_are_the_other_machines(topic: str, whose: bool) -> None:
    assert said.is_of(topic, PARTY, "spare") is whose
