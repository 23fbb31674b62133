"""How often and how long a phone's page may be used. No I/O."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable

from cli.shared.terminal import span
from common.errors import PartylineError

LASTS_S = 300.0
"""How long the address is good, as a pairing code is."""
MOST_TRIES = 3
"""Values from the phone that PlayStation, or the reading of the paste, may refuse."""
MOST_FORGED = 20
"""Messages that were not made by who scanned the code. More are an attack, and end the page. A hit takes 2^127."""
PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
)
"""Where the page is offered, and from where it is used. Not Python's `is_private`, which has addresses of tests too."""


def is_private(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return found.version == 4 and any(found in net for net in PRIVATE)


class PageClosedError(PartylineError):
    """The page takes nothing any more, or not now."""

    code = "sign-in.page-closed"


class OneTimeAddress:
    """The limits of one page. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends_at = clock() + LASTS_S
        self._seen: set[bytes] = set()
        self._busy = False
        self.path = secrets.token_urlsafe(9)
        self.tries_left = MOST_TRIES
        self.forged = 0
        self.done = False

    @property
    def busy(self) -> bool:
        """Whether a try is under way, which may end after the address."""
        return self._busy

    @property
    def left_s(self) -> float:
        return max(0.0, self._ends_at - self._clock())

    @property
    def why_closed(self) -> str:
        """Return why nothing is taken any more, a sentence. Empty while the page is open."""
        if self.done:
            return "The sign-in is done. The address works once."
        if self.forged >= MOST_FORGED:
            return "The page was closed: a device in this network sent messages that your phone did not make."
        if self.tries_left <= 0:
            return f"{MOST_TRIES} values were refused. The page is closed."
        if not self.left_s:
            return f"The address was good for {span(LASTS_S)}, which are over."
        return ""

    def check(self) -> None:
        """Raise `PageClosedError` unless the page is open."""
        if why := self.why_closed:
            raise PageClosedError(why, "Run `partyline login --phone` again, for a new code.")

    def begin(self, message: bytes) -> None:
        """Begin a try with the phone's message. Raises `PageClosedError` if it came before, or while one runs.

        Who listens could send again what the phone sent, and use up its tries.
        """
        self.check()
        if message in self._seen:
            self.forged += 1
            raise PageClosedError("This message was sent before.", "Enter the value again.")
        if self._busy:
            raise PageClosedError("A sign-in is under way.", "Wait for its answer.")
        self._seen.add(message)
        self._busy = True

    def ended(self, *, signed_in: bool) -> None:
        """Count a try that has ended."""
        self._busy = False
        self.done = signed_in
        if not signed_in:
            self.tries_left -= 1
