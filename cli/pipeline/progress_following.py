"""Progress lines of the foreground about the followed player and invitations. No I/O, no clock."""

from __future__ import annotations

from cli.shared.output import printable
from common.messages import Following, Invitations


class Going:
    """Turns messages into sentences. The same news is reported once."""

    def __init__(self) -> None:
        self._following = Following()
        self._found = ""
        self._invited: set[tuple[str, float]] = set()

    def following(self, now: Following) -> list[str]:
        before, self._following = self._following, now
        name = printable(now.online_id or now.account_id)
        if now.state == "off":
            self._found = ""
            who = printable(before.online_id or before.account_id)
            return [f"{who} is not followed any more."] if before.state != "off" else []
        if now.state == "with":
            self._found = ""
            again = before.state == "with" and before.account_id == now.account_id
            return [] if again else [f"In the party of {name}, who is followed."]
        said = []
        if before.state != "looking" or before.account_id != now.account_id:
            self._found = ""
            said.append(f"Looking for the party of {name}, who is followed.")
        if now.detail and now.detail != self._found:
            self._found = now.detail
            said.append(f"{name}: {printable(now.detail)}")
        return said

    def invitations(self, now: Invitations) -> list[str]:
        known, self._invited = self._invited, {(one.session_id, one.at) for one in now.invitations}
        news = [one for one in now.invitations if (one.session_id, one.at) not in known]
        return [
            f"{printable(one.from_online_id or one.from_account_id) or 'Somebody'} invites you: "
            f"`partyline join {printable(one.session_id)}` goes there."
            for one in news
        ]
