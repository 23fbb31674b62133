"""The tests of a contract. test_real.py and test_stand_ins.py run them, each with a `place` of its own."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from common.errors import BadMessageError
from common.messages import (
    AuthState,
    Devices,
    Following,
    Invitations,
    Message,
    MixerState,
    PartyState,
    PeerState,
    PlayoutDelay,
    PushState,
    WorkerHealth,
)
from common.requests import Done, Request
from tests.common.psn.rig import Rig
from tests.contract import rules
from tests.contract.entries import CONTRACTS
from tests.contract.worlds import World, asks_in_vain

RETAINED: dict[str, set[type[Message]]] = {
    "auth": {AuthState},
    "session": {PartyState, Invitations, Following},
    "signaling": {PushState},
    "media": {PeerState, PlayoutDelay},
    "audio": {MixerState, Devices},
}
"""What each worker retains while there is a party, besides its health."""
FACTS = {"auth": {"calls"}, "session": {"calls"}, "signaling": {"calls"}, "media": {"libopus"}, "audio": set[str]()}
"""What each worker tells in its heartbeats, besides what depends on what it does."""


class Unknown(Request[Done], frozen=True, kw_only=True):
    """A request of a newer partyline."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done


module_loop = pytest.mark.asyncio(loop_scope="module")


@module_loop
async def test_a_request_is_answered_as_the_contract_says(place: tuple[Rig, World], cls: type[Request[Any]]) -> None:
    await CONTRACTS[cls](place[1])


@module_loop
async def test_what_a_worker_does_not_serve_is_refused_as_such(place: tuple[Rig, World]) -> None:
    error = await asks_in_vain(place[1].watcher.bus, Unknown())
    assert isinstance(error, BadMessageError)
    rules.refusal(error)


@module_loop
async def test_everything_that_was_published_keeps_the_rules(place: tuple[Rig, World]) -> None:
    made, _ = place
    assert {type(message) for message in made.heard} >= {WorkerHealth, *set().union(*RETAINED.values())}
    for message in made.heard:
        rules.check(message)


@module_loop
async def test_each_worker_has_retained_what_it_must_and_nothing_of_others(place: tuple[Rig, World]) -> None:
    made, _ = place
    for worker, classes in RETAINED.items():
        topics = {topic.partition("/")[0] for topic, sender in made.senders.items() if sender == worker}
        assert {cls.TOPIC for cls in classes} <= topics, worker
        others = {cls.TOPIC for other, some in RETAINED.items() if other != worker for cls in some}
        assert not topics & others, worker


@module_loop
async def test_each_worker_beats_with_its_process_and_its_facts(place: tuple[Rig, World]) -> None:
    made, _ = place
    for worker, facts in FACTS.items():
        beat = await made.until(lambda name=worker: made.now(WorkerHealth, name), f"{worker} beats")
        assert beat.pid == made.processes[worker].popen.pid
        assert facts <= set(beat.facts), worker
        states = [one.state for one in made.all(WorkerHealth) if one.worker == worker]
        assert set(states) <= {"starting", "running", "degraded"}, worker
