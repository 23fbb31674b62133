"""Which addresses there are at the moment, and what each is about. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.client.talkers import PartyTalker
from integrations.osc.address_table import FORMS, OF_A_TALKER, OF_THE_WHOLE, STRIPS, OscAddress, of_place, stem, whole
from integrations.osc.wire import patterns

MOST_PATTERNS = 64
"""Patterns that are remembered."""


@dataclass(frozen=True)
class Slot:
    """One address: a talker's, an empty place's, or the whole's."""

    about: OscAddress
    peer: str = ""
    """The talker, or empty."""
    is_empty: bool = False
    """A place that nobody has."""


class Directory:
    """All addresses. `update` makes it true again when somebody comes or leaves."""

    def __init__(self) -> None:
        self._slots: dict[str, list[Slot]] = {}
        self._found: dict[str, dict[str, list[Slot]]] = {}
        """Patterns that were looked up already. Controllers repeat theirs."""
        self._made_of: tuple[tuple[str, int, str], ...] | None = None
        self.update(())

    def update(self, talkers: Sequence[PartyTalker]) -> None:
        made_of = tuple((one.peer, one.place, one.name) for one in talkers)
        if made_of == self._made_of:
            return
        self._made_of = made_of
        slots: dict[str, list[Slot]] = {whole(about.path): [Slot(about)] for about in OF_THE_WHOLE}
        for place in range(1, STRIPS + 1):
            for about in OF_A_TALKER:
                slots[of_place(place, about.path)] = [Slot(about, is_empty=True)]
        for talker in talkers:
            for form in FORMS:
                for about in OF_A_TALKER:
                    found = slots.setdefault(f"{stem(form, talker)}/{about.path}", [])
                    found[:] = [*(one for one in found if not one.is_empty), Slot(about, talker.peer)]
        self._slots = slots
        self._found.clear()

    def find(self, address: str) -> dict[str, list[Slot]]:
        """Return the addresses that an address or a pattern means, each with what it is about."""
        if not patterns.is_pattern(address):
            slots = self._slots.get(address)
            return {} if slots is None else {address: slots}
        if address not in self._found:
            if len(self._found) >= MOST_PATTERNS:
                self._found.clear()
            self._found[address] = {one: self._slots[one] for one in patterns.matching(address, self._slots)}
        return self._found[address]
