"""Progress lines of the foreground about the followed player and invitations. No I/O, no clock."""

from __future__ import annotations

from cli.shared.terminal import printable
from common.messages import Following, Invitations


class FollowingProgress:
    """Turns messages into sentences. A change is reported once."""

    def __init__(self) -> None:
        self._following = Following()
        self._detail = ""
        self._invited: set[tuple[str, float]] = set()

    def on_following(self, now: Following) -> list[str]:
        before, self._following = self._following, now
        name = printable(now.online_id or now.account_id)
        if now.state == "off":
            self._detail = ""
            who = printable(before.online_id or before.account_id)
            return [f"No longer following {who}."] if before.state != "off" else []
        if now.state == "with":
            self._detail = ""
            again = before.state == "with" and before.account_id == now.account_id
            return [] if again else [f"Following {name}: in the same party."]
        lines = []
        if before.state != "looking" or before.account_id != now.account_id:
            self._detail = ""
            lines.append(f"Following {name}: looking for a party.")
        if now.detail and now.detail != self._detail:
            self._detail = now.detail
            lines.append(f"Following {name}: {printable(now.detail)}")
        return lines

    def on_invitations(self, now: Invitations) -> list[str]:
        known, self._invited = self._invited, {(one.session_id, one.at) for one in now.invitations}
        new = [one for one in now.invitations if (one.session_id, one.at) not in known]
        return [
            f"{printable(one.from_online_id or one.from_account_id) or 'Somebody'} invites you. "
            f"Join with `partyline join {printable(one.session_id)}`."
            for one in new
        ]
