"""The state that OSC shows: what the API's topics say, as one value. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from integrations.client import talkers as party
from integrations.client.talkers import PartyTalker, Places

TOPICS = (*party.TOPICS, "recording", "clip")
"""What the state is made of. Levels are apart: they come ten times a second."""
LEVELS = "audio.levels"


@dataclass(frozen=True)
class Desk:
    """Everything that there is to show but levels."""

    connected: bool = False
    """The API is reached. Otherwise the rest is old."""
    talkers: tuple[PartyTalker, ...] = ()
    gain_db: float = 0.0
    delay_ms: float = 0.0
    levelling: bool = False
    recording: bool = False
    seconds: int = 0
    marks: int = 0
    clip_keep: int = 0
    clip_kept: int = 0
    clip_last: str = ""
    party_name: str = ""
    joined: bool = False

    def lost(self) -> Desk:
        """Return the state without what is surely over once the API is away."""
        return replace(self, connected=False, talkers=tuple(replace(one, speaking=False) for one in self.talkers))


def desk(topics: Mapping[str, Any], places: Places) -> Desk:
    """Return the state that the topics say."""
    mixer, recording = topics.get("audio.mixer/", {}), topics.get("recording/", {})
    clip, state = topics.get("clip/", {}), topics.get("party.state/", {})
    return Desk(
        connected=True,
        talkers=tuple(party.talkers(topics, places)),
        gain_db=float(mixer.get("gain_db", 0.0)),
        delay_ms=float(mixer.get("delay_ms", 0.0)),
        levelling=bool(mixer.get("levelling")),
        recording=recording.get("state") == "recording",
        seconds=int(recording.get("seconds", 0)),
        marks=int(recording.get("marks", 0)),
        clip_keep=int(clip.get("seconds", 0)),
        clip_kept=int(clip.get("kept_s", 0)),
        clip_last=PurePath(clip.get("folder", "")).name,
        party_name=state.get("name", ""),
        joined=state.get("phase") == "joined",
    )
