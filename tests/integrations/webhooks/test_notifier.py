"""When events are told: not at the start, once, and not what a dashboard that comes back merely did not know."""

from __future__ import annotations

import asyncio
from typing import Any

from integrations.webhooks.notifier import SETTLE_S, Notifier
from integrations.webhooks.occurrences import HookEvent
from tests.integrations.webhooks.test_occurrences import PROBLEM, RUNS, party
from tests.support.made_time import in_made_time
from tests.support.waiting import until


class Told:
    def __init__(self, hold_s: float = 2.0) -> None:
        self.events: list[HookEvent] = []
        self.topics: dict[str, Any] = {}
        self.notifier = Notifier(hold_s, self.events.append)

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]

    def connect(self, *topics: dict[str, Any]) -> None:
        self.topics = {key: value for one in topics for key, value in one.items()}
        self.notifier.on_state(self.topics)

    def change(self, topics: dict[str, Any]) -> None:
        for topic, message in topics.items():
            self.topics[topic] = message
            self.notifier.on_event(topic, message)

    def gone(self, topic: str) -> None:
        del self.topics[topic]
        self.notifier.on_event(topic, None)


async def settled() -> None:
    await asyncio.sleep(SETTLE_S + 0.1)


def speaking(name: str, *, speaks: bool = True) -> dict[str, Any]:
    return {
        f"peer.speaking/9{name}.PS5": {
            "account_id": f"9{name}",
            "platform": "PS5",
            "online_id": name,
            "speaking": speaks,
        }
    }


@in_made_time
async def test_the_state_at_the_start_has_not_just_happened() -> None:
    told = Told()
    told.connect(party("bo"), RUNS, {"problem/audio.x": PROBLEM})
    told.change(party("bo", "cy"))
    await settled()
    assert told.kinds == []
    told.change(party("cy"))
    told.gone("problem/audio.x")
    assert told.kinds == ["member.left", "problem.closed"]


@in_made_time
async def test_a_dashboard_that_was_restarted_makes_no_events_of_what_it_learns() -> None:
    told = Told()
    told.connect(party("bo"), RUNS, {"problem/audio.x": PROBLEM})
    await settled()
    told.notifier.on_lost()
    told.connect()
    told.change({"problem/audio.x": PROBLEM})
    told.change(party("bo", "cy"))
    await settled()
    assert told.kinds == ["member.joined"], "what changed meanwhile is told, and nothing else"


@in_made_time
async def test_speech_ends_by_itself_after_the_hold_time() -> None:
    told = Told(hold_s=2.0)
    told.connect(party("bo"))
    await settled()
    told.change(speaking("bo"))
    assert told.kinds == ["speech.started"]
    told.change(speaking("bo", speaks=False))
    assert told.kinds == ["speech.started"]
    await until(lambda: len(told.events) == 2, "the silence ends it")
    assert told.events[1].data["party"] == "Raid"
    assert told.kinds[1] == "speech.stopped"


@in_made_time
async def test_who_speaks_at_the_start_is_told() -> None:
    """A light that is on while somebody speaks is right from the start."""
    told = Told()
    told.connect(party("bo"), speaking("bo"))
    await until(lambda: told.events, "it is told")
    assert told.kinds == ["speech.started"]
    told.gone("peer.speaking/9bo.PS5")
    await until(lambda: len(told.events) == 2, "who is gone speaks no more")
