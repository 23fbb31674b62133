"""What a rule file may say. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec

from integrations.client.member_voices import NOBODY, MemberVoice, is_meant

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Wins = Literal["latest", "loudest"]
"""Who wins where only one can: who began to speak last, or whose voice is loudest in the mix."""
Kind = Literal["item", "filter", "text", "program", "preview"]
Attack = Annotated[float, msgspec.Meta(ge=0, le=60)]
Hold = Annotated[float, msgspec.Meta(ge=0, le=600)]
Place = Annotated[int, msgspec.Meta(ge=1, le=100)]
Who = Name | Place

SPEAKER = "{name}"
"""Stands for the speaker's name in a text."""


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of all tables of the file."""


Keys = TypeVar("Keys", bound=_Keys)


class Target(msgspec.Struct, frozen=True):
    """One thing in OBS that rules set."""

    kind: Kind
    scene: str = ""
    """Scene or group, of an item."""
    source: str = ""
    """Source of an item, a filter or a text."""
    filter: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "item":
                return f"“{self.source}” in “{self.scene}”"
            case "filter":
                return f"the filter “{self.filter}” of “{self.source}”"
            case "text":
                return f"the text of “{self.source}”"
            case "program":
                return "the program scene"
            case "preview":
                return "the preview scene"


PROGRAM, PREVIEW = Target("program"), Target("preview")


@dataclass(frozen=True)
class Effect:
    """What a rule does to one thing in OBS. Of a scene only `on` counts."""

    target: Target
    on: bool | str
    off: bool | str = ""

    def value(self, speaker: str, *, is_on: bool) -> bool | str:
        """Return what the thing is set to. `speaker` is the speaker's name."""
        if not is_on:
            return self.off
        return self.on.replace(SPEAKER, speaker) if self.target.kind == "text" and isinstance(self.on, str) else self.on


class ItemKeys(_Keys, frozen=True):
    """A source in a scene or group."""

    scene: Name
    source: Name

    @property
    def target(self) -> Target:
        return Target("item", scene=self.scene, source=self.source)


class FilterKeys(_Keys, frozen=True):
    """A filter of a source or scene."""

    source: Name
    filter: Name

    @property
    def target(self) -> Target:
        return Target("filter", source=self.source, filter=self.filter)


class TextKeys(_Keys, frozen=True):
    """A text source."""

    source: Name
    text: str = SPEAKER
    otherwise: str = ""
    """Its text while the rule does not hold."""


class Rule(_Keys, frozen=True, kw_only=True):
    """One `[[rule]]`."""

    who: Who | tuple[Who, ...]
    """Online id, account id, place in the party (1, 2, …), `anyone`, `others`, `me` or `nobody`; or several."""
    name: str = ""
    """For the log."""
    show: ItemKeys | tuple[ItemKeys, ...] = ()
    hide: ItemKeys | tuple[ItemKeys, ...] = ()
    enable: FilterKeys | tuple[FilterKeys, ...] = ()
    disable: FilterKeys | tuple[FilterKeys, ...] = ()
    text: TextKeys | tuple[TextKeys, ...] = ()
    scene: Name | None = None
    """Program scene."""
    preview: Name | None = None
    """Preview scene, in Studio Mode."""
    attack_s: Attack = 0.2
    """How long somebody speaks before it counts. Chosen so that a click or a short cough does not."""
    hold_s: Hold = 1.0
    """How long it counts after the last word. In connected speech hardly any pause is longer than a second (Campione
    and Véronis 2002, on silent pauses in five languages)."""
    minimum_s: Hold = 1.0
    """How long it holds at least, and how long the winner of a group or a scene stays at least. Chosen so that nothing
    flickers."""
    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0
    """Where rules contradict, the highest wins."""
    exclusive: Name | None = None
    """Of the rules with the same word here only one holds at a time."""

    @property
    def people(self) -> tuple[Who, ...]:
        return self.who if isinstance(self.who, tuple) else (self.who,)

    @property
    def is_nobody(self) -> bool:
        return NOBODY in self.people

    def effects(self) -> Iterator[Effect]:
        for shown in _several(self.show):
            yield Effect(shown.target, on=True, off=False)
        for hidden in _several(self.hide):
            yield Effect(hidden.target, on=False, off=True)
        for enabled in _several(self.enable):
            yield Effect(enabled.target, on=True, off=False)
        for disabled in _several(self.disable):
            yield Effect(disabled.target, on=False, off=True)
        for one in _several(self.text):
            yield Effect(Target("text", source=one.source), on=one.text, off=one.otherwise)
        if self.scene is not None:
            yield Effect(PROGRAM, on=self.scene)
        if self.preview is not None:
            yield Effect(PREVIEW, on=self.preview)

    def is_about(self, voice: MemberVoice) -> bool:
        return any(is_meant(who, voice) for who in self.people)


def _several(value: Keys | tuple[Keys, ...]) -> tuple[Keys, ...]:
    return value if isinstance(value, tuple) else (value,)


class ExclusiveKeys(_Keys, frozen=True):
    """`[exclusive.NAME]`: how the one rule of a group is chosen."""

    wins: Wins = "latest"


class ScenesKeys(_Keys, frozen=True, kw_only=True):
    """`[scenes]`: all rules that switch a scene."""

    wins: Wins = "latest"
    pause_s: Hold = 60.0
    """How long rules leave a scene alone that was chosen by hand. Chosen so that one can show something and go on."""
    when_on: tuple[Name, ...] = ()
    """The program scene is switched only while one of these was chosen last by hand, or found at the start. Empty:
    always."""


class RuleSet(_Keys, frozen=True, kw_only=True):
    """The whole file."""

    rule: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=200)] = ()
    exclusive: dict[Name, ExclusiveKeys] = {}
    scenes: ScenesKeys = ScenesKeys()

    def targets(self) -> dict[Target, tuple[str, ...]]:
        """Return what the rules set, each with the scenes that they may choose (empty but for a scene)."""
        found: dict[Target, tuple[str, ...]] = {}
        for rule in self.rule:
            for effect in rule.effects():
                scenes = found.get(effect.target, ())
                found[effect.target] = (*scenes, str(effect.on)) if effect.target in (PROGRAM, PREVIEW) else ()
        return found

    def need_levels(self) -> bool:
        """Return whether anything depends on how loud somebody is."""
        return "loudest" in (self.scenes.wins, *(one.wins for one in self.exclusive.values()))
