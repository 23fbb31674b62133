"""The account's party invitations, kept in a state file, because they may come by push only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from common.basic.clock import Moment
from common.files.state import Placed, StateFile
from common.messages import Invitation, Invitations, PushEvent
from common.psn.shapes import as_dict, as_name
from workers.session.events.event_kind import EventKind

MOST = 20
"""Number of invitations kept. Older ones are dropped."""
LONGEST_S = 24 * 3600.0
"""How long an invitation is assumed valid. How long it really is valid is [open]."""


class _KeptInvitations(Placed, frozen=True, kw_only=True):
    account_id: str = ""
    invitations: tuple[Invitation, ...] = ()
    came: dict[str, Moment] = msgspec.field(default_factory=dict)
    """Session id → time of arrival. `Invitation.at` is only for display."""


class ReceivedInvitations:
    """The invitations of the signed-in account. `publish` is called on each change."""

    def __init__(self, path: Path, place: str, publish: Callable[[Invitations], object]) -> None:
        self._publish_message = publish
        self._file = StateFile(path, _KeptInvitations, place, "invitations")

    @property
    def _kept(self) -> _KeptInvitations:
        return self._file.now

    def now(self, now: Moment) -> tuple[Invitation, ...]:
        """Return the invitations that are assumed valid, newest last."""
        return tuple(one for one in self._kept.invitations if self._since(one).ago_s(now) < LONGEST_S)

    def publish(self) -> None:
        self._publish_message(Invitations(invitations=self._kept.invitations))

    def set_account(self, account_id: str) -> None:
        """Drop the invitations of another account."""
        if account_id and account_id != self._kept.account_id:
            self._keep(_KeptInvitations(account_id=account_id))

    def on_push_event(self, event: PushEvent, kind: EventKind, now: Moment) -> None:
        """Handle a push event of any kind."""
        if not event.session_id:
            return
        if kind.party_deleted or kind.invitation == "deleted":
            self.forget(event.session_id)
        elif kind.invitation == "created" and event.from_account_id != self._kept.account_id:
            sender = as_dict(as_dict(event.data.get("customProperties")).get("from"))
            self._add([(event.session_id, event.from_account_id, as_name(sender.get("onlineId")))], now)

    def on_listed(self, listed: Iterable[tuple[str, str, str]], now: Moment) -> None:
        """Add the invitations that REST lists. It may omit valid ones [seen]."""
        self._add(listed, now)

    def forget(self, session_id: str) -> None:
        left = tuple(one for one in self._kept.invitations if one.session_id.lower() != session_id.lower())
        self._keep(msgspec.structs.replace(self._kept, invitations=left))

    # --- inside -----------------------------------------------------------------------------------

    def _add(self, found: Iterable[tuple[str, str, str]], now: Moment) -> None:
        held = {one.session_id: one for one in self.now(now)}
        for session_id, account_id, online_id in found:
            before = held.pop(session_id, Invitation(session_id=session_id))
            held[session_id] = Invitation(
                session_id=session_id,
                from_account_id=account_id or before.from_account_id,
                from_online_id=online_id or before.from_online_id,
                at=before.at or now.unix,
            )
        kept = tuple(held.values())[-MOST:]
        earlier = {one.session_id: self._since(one) for one in self._kept.invitations}
        came = {one.session_id: earlier.get(one.session_id, now) for one in kept}
        self._keep(msgspec.structs.replace(self._kept, invitations=kept, came=came))

    def _since(self, one: Invitation) -> Moment:
        """Return the arrival of a kept invitation. An older version kept only the displayed time."""
        return self._kept.came.get(one.session_id) or Moment(boot="?", unix=one.at)

    def _keep(self, kept: _KeptInvitations) -> None:
        changed = kept.invitations != self._kept.invitations
        if self._file.keep(kept) and changed:
            self.publish()
