"""Whether one rule holds: attack, hold and minimum time, and whose name it shows. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.client.member_voices import MemberVoice
from integrations.obs_rules.decide.contest import Claim, Contest
from integrations.obs_rules.decide.speech import SILENT_DB, SpeechTimes, Spoken
from integrations.obs_rules.rules.model import Rule, Wins

SILENCE = MemberVoice(peer="", account_id="", name="", place=0)
"""Who speaks while nobody does."""


class Trigger:
    def __init__(self, rule: Rule, wins: Wins) -> None:
        """`wins` decides whose name is shown if several of the rule's people speak."""
        self.rule = rule
        self.is_on = False
        self.began = 0.0
        """When one of its people last began to count."""
        self.speaker = ""
        """Name of who speaks or spoke last."""
        self._speakers: Contest[str] = Contest(wins)
        self._on_since = 0.0
        self._matched: tuple[Spoken, ...] = ()
        self._quiet_since: float | None = None

    def hear(self, now: float, speech: SpeechTimes) -> None:
        self._matched = tuple(self._of(speech))
        ready = [one for one in self._matched if now >= one.since + self.rule.attack_s]
        if ready:
            self._count(now, ready)
        if self._matched:
            self._quiet_since = None
        elif self.is_on:
            self._quiet_since = now if self._quiet_since is None else self._quiet_since
            if now >= self._end(self._quiet_since):
                self.is_on = False
                self._speakers.holder = None

    @property
    def level_db(self) -> float:
        """Level of the loudest of its people who speak."""
        return max((one.level_db for one in self._matched), default=SILENT_DB)

    def dues(self) -> Iterator[float]:
        """Yield the moments at which something can change though nothing is heard."""
        for one in self._matched:
            yield one.since + self.rule.attack_s
        if self.is_on and self._quiet_since is not None:
            yield self._end(self._quiet_since)
        yield self._speakers.free_at

    def _end(self, quiet_since: float) -> float:
        return max(quiet_since + self.rule.hold_s, self._on_since + self.rule.minimum_s)

    def _count(self, now: float, ready: list[Spoken]) -> None:
        if not self.is_on:
            self.is_on, self._on_since = True, now
        self.began = max(one.since for one in ready) + self.rule.attack_s
        winner = self._speakers.decide(
            now, [Claim(one.voice.peer, one.since, one.level_db, minimum_s=self.rule.minimum_s) for one in ready]
        )
        self.speaker = next((one.voice.name for one in ready if one.voice.peer == winner), self.speaker)

    def _of(self, speech: SpeechTimes) -> Iterator[Spoken]:
        if self.rule.is_nobody:
            if speech.quiet_since is not None:
                yield Spoken(SILENCE, speech.quiet_since, SILENT_DB)
            return
        for one in speech.speaking:
            voice = one.voice
            if self.rule.is_about(voice):
                yield one
