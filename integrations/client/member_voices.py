"""The members' voices: who speaks, how loud, and whom a setting means. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.basic.text import name_key
from integrations.client.talkers import TOPICS, Places, talkers

LEVELS = "audio.levels"
WATCHED = (*TOPICS, LEVELS)
"""Topics that `VoiceListener` needs."""
NOBODY = "nobody"
ACCOUNT_DIGITS = 15
"""A text of so many digits is an account id: online ids have at most 16 characters, and begin with a letter."""


@dataclass(frozen=True)
class MemberVoice:
    """What is known of one member at a moment."""

    peer: str
    account_id: str
    name: str
    place: int
    is_own: bool = False
    """The person who runs partyline, on his own console."""
    speaking: bool = False
    level_db: float | None = None
    """Peak in the mix, or None without news of it."""


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


def is_meant(who: str | int, voice: MemberVoice) -> bool:
    """Return whether `who` is this person.

    It is an online id, an account id, a place in the party (a number, or a short text of digits), or one of `anyone`,
    `others` (all but the person who runs partyline), `me` and `nobody`.
    """
    fixed = {"anyone": True, "others": not voice.is_own, "me": voice.is_own, NOBODY: False}
    if isinstance(who, int):
        return who == voice.place
    if who in fixed:
        return fixed[who]
    if who.isdecimal():
        return who == voice.account_id if len(who) >= ACCOUNT_DIGITS else int(who) == voice.place
    return name_key(who) == name_key(voice.name)


class VoiceListener:
    """An `ApiListener` that says what is known of all members, whenever that may have changed. A base class."""

    def __init__(self) -> None:
        self.voices: list[MemberVoice] | None = None
        """None: nothing is known."""
        self.topics: Mapping[str, Any] | None = None
        self._places = Places()
        self._levels: Mapping[str, float] = {}

    def hear(self) -> None:
        """Act on `voices`. For subclasses."""
        raise NotImplementedError

    def needs_levels(self) -> bool:
        """Return whether a change of levels alone, ten times a second, is a change. For subclasses."""
        return True

    def on_state(self, topics: dict[str, Any]) -> None:
        self.topics = topics
        self._hear()

    def on_event(self, topic: str, message: Any) -> None:
        if topic.partition("/")[0] == LEVELS:
            self._levels = {} if message is None else message["talkers"]
            if not self.needs_levels():
                return
        self._hear()

    def on_lost(self) -> None:
        self.topics, self._levels = None, {}
        self._hear()

    def _hear(self) -> None:
        self.voices = None if self.topics is None else voices(self.topics, self._levels, self._places)
        self.hear()
