"""What happened between two states of the party, as events with arguments. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.config.integration_tables import PartyEventName
from integrations.client.member_voices import MemberVoice


@dataclass(frozen=True)
class PartyEvent:
    name: PartyEventName
    args: Mapping[str, str | int | float | bool]
    """Arguments of the trigger or action, as Streamer.bot calls them: camelCase."""


class EventFinder:
    """It knows the last state. The first one is no event: who is here then was here before."""

    def __init__(self) -> None:
        self._voices: dict[str, MemberVoice] | None = None
        self._in_party: bool | None = None
        self._recording: bool | None = None

    def find(self, topics: Mapping[str, Any], voices: Sequence[MemberVoice]) -> list[PartyEvent]:
        """Return what happened since the last state."""
        before, self._voices = self._voices, {one.peer: one for one in voices}
        was_in_party, self._in_party = self._in_party, _phase(topics) == "joined"
        was_recording, self._recording = self._recording, _is_recording(topics)
        if before is None:
            return []
        about = {"party": str(topics.get("party.state/", {}).get("name", "")), "members": len(voices)}
        found: list[PartyEvent] = []
        if self._in_party and not was_in_party:
            found.append(_event("party_joined", about))
        found += _of_members(before, self._voices, about)
        if was_in_party and not self._in_party:
            found.append(_event("party_left", about))
        if self._recording is not was_recording:
            found.append(_event("recording_started" if self._recording else "recording_stopped", about))
        return found


def _of_members(
    before: Mapping[str, MemberVoice], now: Mapping[str, MemberVoice], about: Mapping[str, Any]
) -> Iterator[PartyEvent]:
    for peer, one in before.items():
        if peer not in now:
            if one.speaking:
                yield _member("silent", one, about)
            yield _member("left", one, about)
    for peer, one in now.items():
        was = before.get(peer)
        if was is None:
            yield _member("joined", one, about)
        if one.speaking is not (was is not None and was.speaking):
            yield _member("speaks" if one.speaking else "silent", one, about)


def _member(name: PartyEventName, one: MemberVoice, about: Mapping[str, Any]) -> PartyEvent:
    return _event(
        name,
        {
            **about,
            "user": one.name,
            "peer": one.peer,
            "accountId": one.account_id,
            "place": one.place,
            "isMe": one.is_own,
            "speaking": name == "speaks",
            "level": -120.0 if one.level_db is None else round(one.level_db, 1),
        },
    )


def _event(name: PartyEventName, args: Mapping[str, Any]) -> PartyEvent:
    return PartyEvent(name, {"event": name, **args})


def _phase(topics: Mapping[str, Any]) -> str:
    return str(topics.get("party.state/", {}).get("phase", "none"))


def _is_recording(topics: Mapping[str, Any]) -> bool:
    return bool(topics.get("recording/", {}).get("state") == "recording")
