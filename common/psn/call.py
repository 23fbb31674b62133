"""One call to a server of Sony's, and its answer. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.psn.endpoints import Host
from common.psn.header_sets import HeaderSet
from common.psn.known import endpoint_of


@dataclass(frozen=True)
class Call:
    """One call, host and path apart, since a restarted simulator answers elsewhere.

    `signed`: with a Bearer token. `urgent`: not held back by the pace (leaving a party while stopping). `yields`: made
    at somebody else's wish, and so never from the last third of the pace, which is for what is not.
    """

    method: str
    host: Host
    path: str
    body: Any = None
    """Sent as JSON. A function is called when the first try goes out, after every wait, and its result is sent."""
    still: Callable[[], bool] | None = None
    """Asked before each try goes out; False withdraws the call (`CallWithdrawnError`)."""
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    signed: bool = True
    urgent: bool = False
    yields: bool = False
    attempts: int = 0
    """Tries in all; 0: as `Repeats` says."""
    timeout_s: float = 0.0
    """0: as the settings say."""
    header_set: HeaderSet | None = None
    """Of a call to m.np; None: what its kind is known to want."""

    @property
    def name(self) -> str:
        """For people and logs: method and path template; of a call that is not listed, its path without the query."""
        known = endpoint_of(self.method, self.host, self.path)
        return known.name if known else f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True)
class Answer:
    """A 2xx or 3xx answer. `data` is the decoded JSON, None when there was none."""

    status: int
    headers: Mapping[str, str]
    data: Any


class BodyOnce:
    """A body that is made when it is first wanted, and stays the same for every repeat."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def __call__(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made


def body_of(call: Call) -> Any:
    """Return what a call sends as JSON."""
    return call.body() if callable(call.body) else call.body
