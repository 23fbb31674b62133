"""What partyline tells, as the rules need it, and what they make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from integrations.client.talkers import TOPICS, Places, talkers
from integrations.obs_rules.decide.engine import Decision, RuleEngine
from integrations.obs_rules.decide.speech import MemberVoice
from integrations.obs_rules.rules.model import RuleSet, Target

LEVELS = "audio.levels"
SUBSCRIBED = (*TOPICS, LEVELS)


class PartyListener:
    """An `ApiListener`, and the session's `Rules`. All calls come from one event loop."""

    def __init__(self, rules: RuleSet, look: Callable[[], None]) -> None:
        """`look`: decide again."""
        self._rules = rules
        self._engine = RuleEngine(rules)
        self._look = look
        self._places = Places()
        self._topics: Mapping[str, Any] | None = None
        self._levels: Mapping[str, float] = {}

    def use(self, rules: RuleSet) -> None:
        """Follow other rules from now on."""
        self._rules = rules
        self._engine.use(rules)
        self._hear()

    # --- what partyline tells ------------------------------------------------------------------------

    def on_state(self, topics: dict[str, Any]) -> None:
        self._topics = topics
        self._hear()

    def on_event(self, topic: str, message: Any) -> None:
        if topic.partition("/")[0] == LEVELS:
            self._levels = {} if message is None else message["talkers"]
            if not self._rules.need_levels():
                return
        self._hear()

    def on_lost(self) -> None:
        self._topics, self._levels = None, {}
        self._hear()

    def _hear(self) -> None:
        self._take()
        self._look()

    def _take(self) -> None:
        found = None if self._topics is None else voices(self._topics, self._levels, self._places)
        self._engine.hear(_now(), found)

    # --- what the rules make of it -------------------------------------------------------------------

    def targets(self) -> dict[Target, tuple[str, ...]]:
        return self._rules.targets()

    def decide(self, now: float) -> Decision:
        self._take()
        return self._engine.decide(now)

    def scene_is(self, scene: str) -> None:
        self._engine.scene_is(scene)

    def pause(self, slot: Target, now: float) -> float:
        return self._engine.pause(slot, now)


def voices(topics: Mapping[str, Any], levels: Mapping[str, float], places: Places) -> list[MemberVoice]:
    """Return the members. Who is muted or not solo in the mix does not speak: nobody hears them."""
    hushed = {one["peer"] for one in topics.get("audio.mixer/", {}).get("talkers", ()) if one.get("hushed")}
    return [
        MemberVoice(
            peer=one.peer,
            account_id=one.account_id,
            name=one.name,
            place=one.place,
            is_own=one.is_own,
            speaking=one.speaking and not one.muted and one.peer not in hushed,
            level_db=levels.get(one.peer),
        )
        for one in talkers(topics, places)
    ]


def _now() -> float:
    return asyncio.get_running_loop().time()
