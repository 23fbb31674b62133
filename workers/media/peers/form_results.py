"""What became of each connection with one member, as results for the ladder of message forms. No I/O."""

from __future__ import annotations

import time
from dataclasses import dataclass

from common.psn.sdp import Kind
from common.psn.unknowns import Recipe
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers.connection_services import ConnectionServices


@dataclass
class Attempt:
    """How a connection was requested, and its result."""

    role: Kind
    recipe: Recipe
    began_at: float
    was_up: bool = False
    heard: bool = False


class FormResults:
    def __init__(self, peer: str, negotiation: Negotiation, services: ConnectionServices) -> None:
        self._peer, self._status, self._retries = peer, negotiation.status, negotiation.retries
        self._services, self._ladder = services, services.ladder
        self._attempts: dict[int, Attempt] = {}

    def begin(self, number: int, role: Kind) -> Attempt:
        """Record that connection `number` is made, and return it with the form to use."""
        self._check_silent()
        attempt = Attempt(role, self._ladder.recipe(self._peer, role), time.monotonic())
        self._attempts[number] = attempt
        return attempt

    def get(self, number: int) -> Attempt | None:
        """Return the attempt of a connection, None if it has ended."""
        return self._attempts.get(number)

    def on_answer(self) -> None:
        """Hear that the member answered the local offer."""
        self._ladder.on_answer(self._peer)

    def on_up(self, number: int) -> None:
        if number in self._attempts:
            self._attempts[number].was_up = True

    def on_rtp(self, number: int) -> None:
        """Record that the member is heard on this connection."""
        attempt = self._attempts.get(number)
        if attempt is None or attempt.heard:
            return
        attempt.heard = True
        if self._ladder.on_heard(self._peer, attempt.role, time.time(), attempt.recipe):
            self._services.store_forms()

    def on_ended(self, number: int) -> Attempt | None:
        """Record the end of a connection, unless another one is up or everything ends. Return its attempt.

        An offer whose answer may have been lost shows nothing about its form.
        """
        attempt = self._attempts.pop(number, None)
        if attempt is None or self._status.established or self._status.is_over:
            return attempt
        if attempt.was_up:
            self._ladder.on_lost(self._peer)
        elif attempt.role == "answer" or not self._services.may_have_missed(attempt.began_at):
            self._ladder.on_failure(self._peer, attempt.role, attempt.recipe)
        return attempt

    def clear(self) -> None:
        self._attempts.clear()

    def _check_silent(self) -> None:
        """Record a silent connection as a failure when another one is made beside it."""
        up = [self._attempts[number] for number in self._status.established if number in self._attempts]
        if up and self._retries.gave_up_on_silence and not any(attempt.heard for attempt in up):
            self._ladder.on_failure(self._peer, up[0].role, up[0].recipe)
