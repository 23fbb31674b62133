"""What push events and the passing of time mean for the membership. No calls."""

from __future__ import annotations

import msgspec

from common.basic.clock import Moment
from common.messages import PushEvent
from common.run.wake import Wake
from workers.session.actions import Action, RequestResync, ScheduleExpiry
from workers.session.member.membership import Membership
from workers.session.member.membership_states import MembershipEvent
from workers.session.memory import PartyMemoryFile
from workers.session.party.current import CurrentParty, Update

REMEMBER_S = 60.0
"""How often a continuing membership is saved. Chosen so that a kill makes an absence look a minute longer at most."""


class PartyUpdates:
    """Applies push events and time. Methods return the actions to carry out. Times are those of `time.monotonic`."""

    def __init__(self, membership: Membership, file: PartyMemoryFile) -> None:
        self._membership = membership
        self._file = file

    def on_push_event(self, event: PushEvent, now: float) -> list[Action]:
        party = self._membership.party
        return self._apply(party, party.on_push_event(event, now)) if party else []

    def on_channel_reopened(self) -> list[Action]:
        """Apply what waits for events that were lost with the channel."""
        party = self._membership.party
        return self._apply(party, party.on_channel_reopened()) if party else []

    def on_expiry(self, now: float) -> list[Action]:
        """Apply what waits for an event that did not come in time."""
        party = self._membership.party
        return self._apply(party, party.on_expiry(now)) if party else []

    def on_wake(self, wake: Wake) -> list[Action]:
        """Handle a sleep of this machine or a pause of this process, before the tick that follows."""
        uncertain = self._membership.absence.on_wake(wake)
        return [RequestResync("this machine slept" if wake.slept else "this process paused")] if uncertain else []

    def on_tick(self, now: Moment, *, connected: bool) -> None:
        """Record that time passes, with or without the push channel. Call every few seconds."""
        absence = self._membership.absence
        absence.on_tick(now, connected=connected)
        seen, saved = absence.known_at, self._file.now.seen
        if self._file.now.phase == "joined" and seen and (saved is None or saved.ago_s(seen) > REMEMBER_S):
            self._file.keep(msgspec.structs.replace(self._file.now, seen=seen))

    def _apply(self, party: CurrentParty, update: Update) -> list[Action]:
        if update.ended:
            finished = self._membership.finish(MembershipEvent.PARTY_ENDED, party.events.reason, party.events.end)
            if finished:
                return finished
        actions: list[Action] = [RequestResync(reason) for reason in update.resync]
        if update.changed:
            actions += self._membership.refresh()
        if party.deadline is not None:
            actions.append(ScheduleExpiry(party.deadline))
        return actions
