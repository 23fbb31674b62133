"""Who may do what, as one table: each request, topic and path, for each kind of key. No I/O.

`partyline api rights` prints it, and notes/api.md has it. A test tries every cell at a real dashboard worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from common.api import PATH, WHEP
from common.api.rights import NEEDED, NOT_OFFERED, TOPICS, Right, allows

Holder = Literal["nobody", "read", "control", "admin", "overlay", "dashboard"]
HOLDERS: tuple[Holder, ...] = get_args(Holder)
TITLES: Mapping[Holder, str] = {
    "nobody": "no key",
    "read": "`read`",
    "control": "`control`",
    "admin": "`admin`",
    "overlay": "the overlay's",
    "dashboard": "the dashboard's",
}
RIGHT_OF: Mapping[Holder, Right] = {
    "read": "read",
    "control": "control",
    "admin": "admin",
    "overlay": "read",
    "dashboard": "admin",
}
"""The keys of the pages use the API too, with a right each."""
_EVERYBODY = frozenset(HOLDERS)
_EVERY_KEY = _EVERYBODY - {"nobody"}
_PAGES = frozenset[Holder]({"overlay", "dashboard"})
_DASHBOARD = frozenset[Holder]({"dashboard"})

PATHS: Mapping[str, frozenset[Holder]] = {
    f"{PATH}/openapi.json": _EVERYBODY,
    f"{PATH}/asyncapi.json": _EVERYBODY,
    PATH: _EVERY_KEY,
    f"{PATH}/state": _EVERY_KEY,
    f"{PATH}/events": _EVERY_KEY,
    "/live": _DASHBOARD,
    "/people": _PAGES,
    "/people?setup=1": _DASHBOARD,
    "/sound": _PAGES,
    "/obs-stream": _PAGES,
    WHEP: _PAGES,
}
"""Path → whose keys open it. `/live`, `/people` and `/sound` are the pages' own WebSockets.
A listen link opens WHEP too."""
_NO = "no"
_CODE = "the pages are only code, their state comes by the WebSockets above"
WITHOUT_A_KEY: Mapping[str, str] = {
    **dict.fromkeys(("/", "/start", "/dock", "/overlay", "/overlay-setup", "/obs-audio", "/api", "/static/"), _CODE),
    "/picture/": "a picture's name is known only with a key of a page",
    "/recording/": "a recording's name is drawn for who asked with the dashboard's key, and void after an hour",
    "/metrics": "on this machine, from another one with a key of a page",
    "/proof/": "a program knows this dashboard by it, without telling it a key",
}
"""Paths that need no key, each with the reason."""


@dataclass(frozen=True)
class RightsRow:
    """One thing that somebody may do or not."""

    kind: Literal["path", "topic", "request"]
    name: str
    holders: frozenset[Holder]


def table() -> Iterator[RightsRow]:
    for path, holders in PATHS.items():
        yield RightsRow("path", path, holders)
    for topic in TOPICS:
        yield RightsRow("topic", topic.TOPIC, _EVERY_KEY)
    for cls, needed in NEEDED.items():
        may = frozenset(holder for holder, right in RIGHT_OF.items() if allows(right, needed))
        yield RightsRow("request", cls.__name__, may)


def lines() -> Iterator[str]:
    """Yield the table in Markdown. Things with the same holders are one row."""
    groups: dict[tuple[str, frozenset[Holder]], list[str]] = {}
    for row in table():
        groups.setdefault((row.kind, row.holders), []).append(f"`{row.name}`")
    yield f"| | {' | '.join(TITLES.values())} |"
    yield "|---|" + ":-:|" * len(HOLDERS)
    for (kind, holders), names in groups.items():
        cells = ("yes" if holder in holders else _besides(kind, holder) for holder in HOLDERS)
        yield f"| {kind}{'s' if len(names) > 1 else ''} {', '.join(names)} | {' | '.join(cells)} |"
    yield f"| requests {', '.join(f'`{cls.__name__}`' for cls in NOT_OFFERED)} |{f' {_NO} |' * len(HOLDERS)}"
    for reason in dict.fromkeys(WITHOUT_A_KEY.values()):
        names = [f"`{path}`" for path, why in WITHOUT_A_KEY.items() if why == reason]
        yield f"| path{'s' if len(names) > 1 else ''} {', '.join(names)} ({reason}) |{' yes |' * len(HOLDERS)}"


def _besides(kind: str, holder: Holder) -> str:
    return "`--also`" if kind == "request" and holder in ("read", "control") else _NO
