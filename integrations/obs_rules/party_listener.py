"""What partyline tells, and what the rules make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from integrations.client.member_voices import VoiceListener
from integrations.obs_rules.decide.engine import Decision, RuleEngine
from integrations.obs_rules.rules.model import RuleSet, Target


class PartyListener(VoiceListener):
    """The client's `ApiListener`, and the session's `Rules`. All calls come from one event loop."""

    def __init__(self, rules: RuleSet, look: Callable[[], None]) -> None:
        """`look`: decide again."""
        super().__init__()
        self._rules = rules
        self._engine = RuleEngine(rules)
        self._look = look

    def use(self, rules: RuleSet) -> None:
        """Follow other rules from now on."""
        self._rules = rules
        self._engine.use(rules)
        self.hear()

    # --- what partyline tells ------------------------------------------------------------------------

    def hear(self) -> None:
        self._engine.hear(asyncio.get_running_loop().time(), self.voices)
        self._look()

    def needs_levels(self) -> bool:
        return self._rules.need_levels()

    # --- what the rules make of it -------------------------------------------------------------------

    def targets(self) -> dict[Target, tuple[str, ...]]:
        return self._rules.targets()

    def decide(self, now: float) -> Decision:
        self._engine.hear(now, self.voices)
        return self._engine.decide(now)

    def scene_is(self, scene: str) -> None:
        self._engine.scene_is(scene)

    def pause(self, slot: Target, now: float) -> float:
        return self._engine.pause(slot, now)
