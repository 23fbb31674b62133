"""One call to a server of Sony's, and its answer. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.psn.http.endpoints import Host
from common.psn.http.header_sets import HeaderSet
from common.psn.known import endpoint_of


@dataclass(frozen=True)
class Call:
    """One call. Host and path are separate, since a restarted simulator has another address.

    `signed`: with a Bearer token. `urgent`: exempt from the call rate (leaving a party while stopping). `yields`:
    requested by somebody else, so it never takes from the last third of the call rate.
    """

    method: str
    host: Host
    path: str
    body: Any = None
    """Sent as JSON. A function is called when the first try is sent, after every wait, and its result is sent."""
    still: Callable[[], bool] | None = None
    """Checked before each try is sent. False withdraws the call (`CallWithdrawnError`)."""
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    signed: bool = True
    urgent: bool = False
    yields: bool = False
    attempts: int = 0
    """Tries in all, or 0 for the default of `Repeats`."""
    timeout_s: float = 0.0
    """0 means the value of the settings."""
    header_set: HeaderSet | None = None
    """Headers of a call to m.np, or None for those that its kind is known to need."""

    @property
    def name(self) -> str:
        """Method and path template, for people and logs. An unlisted call has its path without the query."""
        known = endpoint_of(self.method, self.host, self.path)
        return known.name if known else f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True)
class Answer:
    """A 2xx or 3xx answer. `data` is the decoded JSON, None when there was none."""

    status: int
    headers: Mapping[str, str]
    data: Any


class BodyOnce:
    """A body that is built on first use and reused for every retry."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def __call__(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made


def body_of(call: Call) -> Any:
    """Return the body that a call sends as JSON."""
    return call.body() if callable(call.body) else call.body
