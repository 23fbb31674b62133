"""Rules, voices and a timeline in made-up time."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.client.member_voices import MemberVoice
from integrations.obs_rules.decide.engine import Decision, RuleEngine, Wanted
from integrations.obs_rules.rules.model import Target
from integrations.obs_rules.rules.rule_file import read

NAMES = ("Ava", "Bo", "Cy", "Di")


def voice(name: str, *, speaking: bool = False, level_db: float | None = None) -> MemberVoice:
    place = NAMES.index(name) + 1
    return MemberVoice(
        peer=f"{place}.PS5", account_id=str(place), name=name, place=place, is_own=name == "Ava",
        speaking=speaking, level_db=level_db,
    )  # fmt: skip


def party(*speaking: str, levels: dict[str, float] | None = None) -> list[MemberVoice]:
    """Return everybody, of whom some speak."""
    return [voice(name, speaking=name in speaking, level_db=(levels or {}).get(name)) for name in NAMES]


def item(name: str) -> Target:
    return Target("item", scene="Game", source=name)


def show(who: str, name: str, **keys: object) -> str:
    """Return a rule that shows a source of this name."""
    more = "".join(f"{key} = {value!r}\n" for key, value in keys.items()).replace("'", '"')
    return f'[[rule]]\nwho = {who}\nshow = {{ scene = "Game", source = "{name}" }}\n{more}'


class Timeline:
    """An engine that is asked as a session asks it: when something is heard, and whenever a decision is due."""

    def __init__(self, *rules: str, at: float = 0.0) -> None:
        self.engine = RuleEngine(read("\n".join(rules), "rules"))
        self.now = at
        self.voices: list[MemberVoice] | None = party()
        self.history: list[tuple[float, dict[Target, Wanted]]] = []
        self.last = Decision({}, None)
        self._decide()

    def speak(self, *names: str, levels: dict[str, float] | None = None) -> dict[Target, Wanted]:
        """Let exactly these speak from now on."""
        return self.hear(party(*names, levels=levels))

    def hear(self, voices: list[MemberVoice] | None) -> dict[Target, Wanted]:
        self.voices = voices
        return self._decide()

    def wait(self, seconds: float) -> dict[Target, Wanted]:
        """Let time pass, and decide whenever it is due."""
        end = self.now + seconds
        while (due := self.last.due) is not None and due <= end:
            self.now = due
            self._decide()
        self.now = end
        return self.last.wanted

    def peek(self) -> dict[Target, Wanted]:
        """Return what is decided at a moment at which nothing is due."""
        self.engine.hear(self.now, self.voices)
        return self.engine.decide(self.now).wanted

    def _decide(self) -> dict[Target, Wanted]:
        self.engine.hear(self.now, self.voices)
        self.last = self.engine.decide(self.now)
        if not self.history or self.history[-1][1] != self.last.wanted:
            self.history.append((self.now, self.last.wanted))
        return self.last.wanted


def spans(history: Iterable[tuple[float, dict[Target, Wanted]]], target: Target) -> list[tuple[float, Wanted]]:
    """Return when a thing became what."""
    found: list[tuple[float, Wanted]] = []
    for at, wanted in history:
        value = wanted.get(target)
        if not found or found[-1][1] != value:
            found.append((at, value))
    return found
