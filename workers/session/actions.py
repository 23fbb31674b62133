"""The actions that the membership asks for. `Session.perform` carries them out, in order."""

from __future__ import annotations

from dataclasses import dataclass

from common.messages import Member, PartyState
from workers.session.end_reasons import End


@dataclass(frozen=True)
class PublishParty:
    """Publish the party's state."""

    state: PartyState


@dataclass(frozen=True)
class NameMembers:
    """Name these members in our own entry."""

    members: tuple[Member, ...]


@dataclass(frozen=True)
class RequestResync:
    """Read the party by REST soon."""

    reason: str


@dataclass(frozen=True)
class ScheduleExpiry:
    """Call `PartyUpdates.on_expiry` at that time. Until then, events wait for a missing one."""

    at: float
    """On the clock of `time.monotonic`."""


@dataclass(frozen=True)
class LostParty:
    """Rejoin this party, if it was lost although nobody wanted that (see `may_rejoin`)."""

    session_id: str
    cpss_id: str
    end: End
    away_s: float
    """Seconds since we were last known to be in it."""


@dataclass(frozen=True)
class EndVoiceChat:
    """Make the push channel idle, because no party follows."""


Action = PublishParty | NameMembers | RequestResync | ScheduleExpiry | LostParty | EndVoiceChat
