"""The accounts. No I/O. Facts: notes/auth.md."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

AGE_COUNTRIES = ("GB", "IE")
"""Adult accounts of these countries must have verified their age since June 2026 [seen]."""
Issued = Callable[[str, str], None]
"""Called with the kind and text of every secret that is issued."""


@dataclass(frozen=True)
class Person:
    """One account."""

    account_id: str
    online_id: str
    npsso: str = ""
    """Cookie of the browser session. Empty for an account that nobody signs in to (consoles)."""
    country: str = "US"
    """`legal_country` of its tokens."""
    is_child: bool = False
    age_verified: bool = True

    @property
    def may_chat(self) -> bool:
        """Whether the account may be in parties. Not for children, and in GB and IE only with a verified age [open]."""
        return not self.is_child and (self.age_verified or self.country not in AGE_COUNTRIES)


def npsso_of(name: str) -> str:
    """Return the NPSSO of an invented account, 64 letters and digits, the same in every run."""
    return "Sim0" + hashlib.sha256(f"npsso {name}".encode()).hexdigest()[:60]


class Accounts:
    """All accounts."""

    def __init__(self, issued: Issued) -> None:
        self._issued = issued
        self.people: dict[str, Person] = {}

    def add(self, person: Person) -> Person:
        self._issued("npsso", person.npsso)
        self.people[person.account_id] = person
        return person

    def by_npsso(self, npsso: str) -> Person | None:
        return next((person for person in self.people.values() if npsso and person.npsso == npsso), None)

    def by_online_id(self, online_id: str) -> Person | None:
        wanted = online_id.lower()
        return next((person for person in self.people.values() if person.online_id.lower() == wanted), None)
