"""Derives observations from bus messages and their times, by an observer for each subject. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cli.probe.observe.event_observer import EventObserver
from cli.probe.observe.form_observer import FormObserver
from cli.probe.observe.observations import Observation, Shows
from cli.probe.observe.observer import Observer
from cli.probe.observe.offer_observer import OfferObserver
from cli.probe.observe.party_members import PartyMembers
from common.messages import Message, PartyState, WireFact
from common.psn.unknowns import BY_NAME


class Evidence:
    """Passes messages to the observers, and adds the name of the present step to their observations."""

    def __init__(self) -> None:
        self.members = PartyMembers()
        forms = FormObserver(self.members)
        self.offers = OfferObserver(self.members, forms.understands)
        self._observers: tuple[Observer, ...] = (EventObserver(self.members), self.offers, forms)
        self._step = ""

    def start_step(self, name: str) -> None:
        """Set the step whose name the following observations get."""
        self._step = name

    def open_window(self, now: float, *, meets: bool = False) -> None:
        """Open a window in which local offers are held back (see `OfferObserver`)."""
        self.offers.open_window(now, meets=meets)

    def close_window(self, now: float) -> list[Observation]:
        """Close the window. Return which members offered in it and which did not."""
        return self._with_step(self.offers.close_window(now))

    def on_message(self, message: Message | None, now: float) -> list[Observation]:
        """Process a message published at `now` (Unix seconds). Return its observations."""
        return self._with_step(self._observe(message, now)) if message is not None else []

    def _observe(self, message: Message, now: float) -> Iterator[Observation]:
        if isinstance(message, PartyState):
            self._on_party(message, now)
        elif isinstance(message, WireFact):
            yield from _fact(message)
        for observer in self._observers:
            yield from observer.on_message(message, now)

    def _on_party(self, state: PartyState, now: float) -> None:
        changes = self.members.on_party(state)
        for observer in self._observers:
            for peer in changes.joined:
                observer.on_joined(peer, now)
            for peer in changes.left:  # an offer may precede the party state with the returned member
                observer.on_left(peer)

    def _with_step(self, observed: Iterable[Observation]) -> list[Observation]:
        return [msgspec.structs.replace(one, step=self._step) for one in observed]


def _fact(fact: WireFact) -> Iterator[Observation]:
    known = BY_NAME.get(fact.name)
    if known is not None and fact.value in known.values:
        yield Shows(name=fact.name, value=fact.value, how=f"The {fact.worker} worker observed it")
