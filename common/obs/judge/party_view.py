"""What partyline itself knows of the party and its sound, as far as our sources in OBS depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.obs.wanted import Present

LATELY_S = 3.0
"""A voice that was heard within this time counts as heard now. Chosen to be longer than a breath between two words."""


@dataclass(frozen=True)
class TalkerSound:
    """One talker in the mix."""

    muted: bool = False
    """Muted here, or silenced because somebody else is solo."""
    quiet_s: float | None = None
    """Seconds since they were heard, or None if they were not since we listen."""


@dataclass(frozen=True)
class PartyView:
    """The party. Everything is empty where no pipeline runs."""

    is_known: bool = False
    """Whether a pipeline tells who is in the party."""
    members: tuple[Present, ...] = ()
    """Everybody else in the party, in the order of arrival."""
    talkers: Mapping[str, TalkerSound] = field(default_factory=dict)
    """Account → how they are heard."""
    device: str = ""
    """The device that audio plays on now. Empty without a pipeline, or with another sink."""
    plays_on_default: bool = False
    """Whether that is the system's default device."""
    pages: frozenset[str] | None = None
    """What each listening page plays: "" for the mix, or its talker. None if that is unknown."""
    delay_ms: int | None = None
    """The playout delay that all talkers have (`[media] latency = "steady"`), or None where each has one of their own.
    """

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset(member.account_id for member in self.members)

    def heard(self, account_id: str = "") -> TalkerSound:
        """Return how a member is heard, or with "" the party: who was heard last, and whether all are muted."""
        if account_id:
            return self.talkers.get(account_id, TalkerSound())
        quiet = [one.quiet_s for one in self.talkers.values() if one.quiet_s is not None and not one.muted]
        muted = bool(self.talkers) and all(one.muted for one in self.talkers.values())
        return TalkerSound(muted=muted, quiet_s=min(quiet, default=None))

    def is_loaded(self, member: Present | None) -> bool | None:
        """Return whether a page plays this member (None: the mix), or None if that is unknown."""
        if self.pages is None:
            return None
        if member is None:
            return "" in self.pages
        return bool({member.account_id, member.online_id.casefold()} & {page.casefold() for page in self.pages})
