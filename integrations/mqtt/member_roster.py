"""Who has entities: those who are here, who left a moment ago, and regulars. No I/O, and the caller passes the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

GRACE_S = 60.0
"""How long entities stay after somebody left. An automation sees that he left, and who comes back at once has the same
ones. Chosen for a console that is restarted."""


@dataclass
class _Entry:
    name: str
    left_at: float | None = None


class MemberRoster:
    """Accounts with their names."""

    def __init__(self, regulars: Collection[str], grace_s: float = GRACE_S) -> None:
        """`regulars` are online ids or account ids of people whose entities stay."""
        self._regulars = frozenset(name.casefold() for name in regulars)
        self._grace_s = grace_s
        self._entries: dict[str, _Entry] = {}

    def is_regular(self, account: str, name: str) -> bool:
        return account.casefold() in self._regulars or name.casefold() in self._regulars

    def adopt(self, account: str, name: str) -> bool:
        """Take in who has entities of an earlier run. Return False if they are to be removed."""
        if account not in self._entries and self.is_regular(account, name):
            self._entries[account] = _Entry(name)
        return account in self._entries

    def update(self, present: Mapping[str, str], now: float) -> None:
        """Note who is here: account → name."""
        for account, name in present.items():
            self._entries[account] = _Entry(name)
        for account, entry in list(self._entries.items()):
            if account in present:
                continue
            if entry.left_at is None:
                entry.left_at = now
            if now >= entry.left_at + self._grace_s and not self.is_regular(account, entry.name):
                del self._entries[account]

    @property
    def names(self) -> dict[str, str]:
        """Account → name of everybody who has entities."""
        return {account: entry.name for account, entry in self._entries.items()}

    def next_removal(self) -> float | None:
        """Return when `update` has to be called at the latest, None for no such time."""
        ends = (
            entry.left_at + self._grace_s
            for account, entry in self._entries.items()
            if entry.left_at is not None and not self.is_regular(account, entry.name)
        )
        return min(ends, default=None)
