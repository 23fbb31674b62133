"""What all rules together want of OBS. No I/O.

`hear` takes what is known of the members whenever anything changes, and at each moment that `Decision.due` names.
`decide` then says what that means.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.client.member_voices import MemberVoice
from integrations.obs_rules.decide.contest import Claim, Contest
from integrations.obs_rules.decide.speech import SpeechTimes
from integrations.obs_rules.decide.trigger import Trigger
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, RuleSet, Target, Wins

LOST_S = 10.0
"""So long nothing is known of the party before all is set back. A restart of the dashboard takes 2 s."""

AS_FOUND: Final = None
Wanted = bool | str | None
"""What a thing is to be. None: as it was found, or as it was chosen by hand since."""


@dataclass(frozen=True)
class Decision:
    wanted: dict[Target, Wanted]
    """What is not in it is left alone."""
    due: float | None
    """When to decide again at the latest."""
    is_over: bool = False
    """Nothing is known of the party any more: everything is set back."""


class RuleEngine:
    def __init__(self, rules: RuleSet) -> None:
        self._speech = SpeechTimes()
        self._active: frozenset[int] = frozenset()
        """Numbers of the rules that hold."""
        self._paused_until: dict[Target, float] = {}
        self._chosen_scene = ""
        self._lost_at: float | None = -math.inf
        self.use(rules)

    def use(self, rules: RuleSet) -> None:
        """Follow these rules from now on. Who speaks since when, and what was chosen by hand, stays as it is."""
        self._rules = rules
        wins: dict[str, Wins] = {name: keys.wins for name, keys in rules.exclusive.items()}
        self._triggers = [Trigger(rule, wins.get(rule.exclusive or "", "latest")) for rule in rules.rule]
        self._groups: dict[str, Contest[int]] = {
            rule.exclusive: Contest(wins.get(rule.exclusive, "latest")) for rule in rules.rule if rule.exclusive
        }
        self._scenes: dict[Target, Contest[int]] = {slot: Contest(rules.scenes.wins) for slot in (PROGRAM, PREVIEW)}
        self._effects = [tuple(rule.effects()) for rule in rules.rule]
        self._active = frozenset()

    # --- what is heard -------------------------------------------------------------------------------

    def hear(self, now: float, voices: Sequence[MemberVoice] | None) -> None:
        """Take what is known of all members, or None: nothing is known any more."""
        if voices is None:
            self._lost_at = now if self._lost_at is None else self._lost_at
            return
        self._lost_at = None
        self._speech.hear(now, voices)
        for trigger in self._triggers:
            trigger.hear(now, self._speech)
        held = {
            name: contest.decide(now, [self._claim(number) for number in self._on() if self._group(number) == name])
            for name, contest in self._groups.items()
        }
        alone = {number for number in self._on() if self._group(number) is None}
        self._active = frozenset(alone | {number for number in held.values() if number is not None})
        for slot, contest in self._scenes.items():
            if not self._may_switch(slot, now):
                contest.holder = None  # afterwards each has its whole minimum time again
                continue
            contest.decide(now, [self._claim(number) for number in sorted(self._active) if self._wants(number, slot)])

    def scene_is(self, scene: str) -> None:
        """Note the program scene that was found, or chosen by hand."""
        self._chosen_scene = scene

    def pause(self, slot: Target, now: float) -> float:
        """Leave the program or the preview scene alone, because somebody chose one by hand. Return for how long."""
        self._paused_until[slot] = now + self._rules.scenes.pause_s
        return self._rules.scenes.pause_s

    # --- what is wanted ------------------------------------------------------------------------------

    def decide(self, now: float) -> Decision:
        lost_at = self._lost_at
        if lost_at is not None:
            over = now >= lost_at + LOST_S
            return Decision({}, None if over else lost_at + LOST_S, is_over=over)
        wanted: dict[Target, Wanted] = {}
        for target in self._rules.targets():
            if target not in self._scenes:
                wanted[target] = self._value(target)
            elif self._may_switch(target, now):
                wanted[target] = self._scene(target)
        return Decision(wanted, min((due for due in self._dues() if due > now), default=None))

    def _value(self, target: Target) -> bool | str:
        """Return what a thing is to be. Of rules that contradict, the highest priority decides, then the latest."""
        about = [
            (number, effect) for number, effects in enumerate(self._effects) for effect in effects
            if effect.target == target
        ]  # fmt: skip
        active = [(number, effect) for number, effect in about if number in self._active]
        number, effect = max(active or about, key=lambda one: self._rank(one[0], is_on=bool(active)))
        return effect.value(self._triggers[number].speaker, is_on=bool(active))

    def _rank(self, number: int, *, is_on: bool) -> tuple[int, float]:
        trigger = self._triggers[number]
        return trigger.rule.priority, trigger.began if is_on else -number

    def _scene(self, slot: Target) -> Wanted:
        holder = self._scenes[slot].holder
        if holder is None:
            return AS_FOUND
        return next(str(effect.on) for effect in self._effects[holder] if effect.target == slot)

    def _may_switch(self, slot: Target, now: float) -> bool:
        if now < self._paused_until.get(slot, -math.inf):
            return False
        when_on = self._rules.scenes.when_on
        return slot != PROGRAM or not when_on or self._chosen_scene in when_on

    def _dues(self) -> Iterator[float]:
        for trigger in self._triggers:
            yield from trigger.dues()
        for contest in (*self._groups.values(), *self._scenes.values()):
            yield contest.free_at
        yield from self._paused_until.values()

    def _on(self) -> list[int]:
        return [number for number, trigger in enumerate(self._triggers) if trigger.is_on]

    def _group(self, number: int) -> str | None:
        return self._rules.rule[number].exclusive

    def _wants(self, number: int, slot: Target) -> bool:
        return any(effect.target == slot for effect in self._effects[number])

    def _claim(self, number: int) -> Claim[int]:
        trigger = self._triggers[number]
        rule = trigger.rule
        return Claim(number, trigger.began, trigger.level_db, rule.priority, rule.minimum_s)
