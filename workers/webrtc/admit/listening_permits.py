"""Decides who may listen: with a key of the pages, a ticket, or a certificate that came with a ticket before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from common.config.pages import load_keys
from common.errors import PartylineError
from common.files.paths import Paths
from common.files.state import StateFile
from workers.webrtc.admit import known_browsers
from workers.webrtc.admit.tickets import Tickets
from workers.webrtc.memory import KnownListeners


class NotAdmittedError(PartylineError):
    code = "webrtc.not-admitted"


class ListeningPermits:
    """The tickets and the known browsers. `wall` is Unix seconds, `clock` a monotonic clock."""

    def __init__(self, paths: Paths, wall: Callable[[], float], clock: Callable[[], float]) -> None:
        self._paths = paths
        self._wall = wall
        self._clock = clock
        self._tickets = Tickets()
        self._file: StateFile[KnownListeners] | None = None

    def make_ticket(self) -> str:
        self._kept()  # an error is better told to who makes the link
        return self._tickets.make(self._clock())

    def admit(self, fingerprint: str, ticket: str, *, has_key: bool) -> None:
        """Let a browser in, and know it from then on. Raises `NotAdmittedError`."""
        if has_key:
            return
        file, now = self._kept(), self._wall()
        if not known_browsers.knows(file.now.listeners, fingerprint, now) and not self._tickets.spend(
            ticket, self._clock()
        ):
            if ticket:
                raise NotAdmittedError(
                    "This link was used already, or is too old.", "Make a new one with `partyline listen-link`."
                )
            raise NotAdmittedError("This browser may not listen.", "Make a link for it with `partyline listen-link`.")
        file.keep(KnownListeners(listeners=known_browsers.with_visit(file.now.listeners, fingerprint, now)))

    def forget(self) -> None:
        """Know nobody, and make every ticket void."""
        self._tickets.revoke()
        file = self._kept()
        file.keep(KnownListeners())

    def _kept(self) -> StateFile[KnownListeners]:
        """Return the file for the present keys. With new keys nobody is known. Raises `PartylineError`."""
        place = hashlib.sha256(load_keys(self._paths).read.encode()).hexdigest()[:16]
        if self._file is None or self._file.place != place:
            if self._file is not None:
                self._tickets.revoke()
            self._file = StateFile(
                self._paths.state / "listeners.json", KnownListeners, place, "the browsers that may listen"
            )
        return self._file
