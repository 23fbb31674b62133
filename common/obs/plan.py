"""The plan of changes in OBS, from the wanted and the present sources. No I/O.

Our own sources are browser sources with one of partyline's pages, under any name, and device sources that partyline
made under that name. Other sources are never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from common.basic.values import ObsRoute

BROWSER = "browser_source"
DEVICE_KINDS = ("coreaudio_input_capture", "pulse_output_capture", "wasapi_output_capture")
"""Kinds of source that capture a device's sound, on macOS, Linux and Windows."""
VOICES_PAGE = "/obs-audio"
OVERLAY_PAGE = "/overlay"


@dataclass(frozen=True)
class Source:
    """A source in OBS, wanted or present."""

    name: str
    kind: str
    settings: Mapping[str, Any]

    @property
    def page(self) -> tuple[str, str] | None:
        """Path of its partyline page and the page's member ("": all), or None if it shows no such page."""
        if self.kind != BROWSER:
            return None
        url = urlsplit(str(self.settings.get("url", "")))
        if url.path not in (VOICES_PAGE, OVERLAY_PAGE):
            return None
        query = parse_qs(url.query)
        if "key" not in query:
            return None
        return url.path, query.get("talker", [""])[0]

    def route(self, made: Collection[str]) -> ObsRoute | None:
        """Return its route, or None if it carries no voices or is not our own. `made`: our own device sources."""
        if self.kind in DEVICE_KINDS and self.name in made:
            return "device"
        page = self.page
        if page is None or page[0] != VOICES_PAGE:
            return None
        return "each" if page[1] else "mix"


@dataclass(frozen=True)
class Change:
    """One change. `source.name` is its name in OBS."""

    do: Literal["create", "update", "keep", "remove"]
    source: Source


def plan(route: ObsRoute, wanted: Sequence[Source], present: Sequence[Source], made: Collection[str]) -> list[Change]:
    """Return the changes. Afterwards only `route` carries voices, so that nobody is heard twice."""
    names = {source.name for source in present}
    changes: list[Change] = []
    for source in wanted:
        there = next((known for known in present if _is(known, source, made)), None)
        if there is None:
            name = _free(source.name, names)
            names.add(name)
            changes.append(Change("create", Source(name, source.kind, source.settings)))
        else:
            right = all(there.settings.get(key) == value for key, value in source.settings.items() if key in _ENFORCED)
            changes.append(Change("keep" if right else "update", Source(there.name, there.kind, _enforced(source))))
    kept = {change.source.name for change in changes}
    for known in present:
        other = known.route(made)
        if other and other != route and known.name not in kept:
            changes.append(Change("remove", known))
    return changes


_ENFORCED = ("url", "reroute_audio", "device_id")
"""Settings that we enforce. Size and the like are the user's once the source exists."""


def _enforced(source: Source) -> dict[str, Any]:
    return {key: value for key, value in source.settings.items() if key in _ENFORCED}


def _is(known: Source, wanted: Source, made: Collection[str]) -> bool:
    if wanted.kind == BROWSER:
        return known.page is not None and known.page == wanted.page
    return known.kind == wanted.kind and known.route(made) == "device"


def _free(name: str, taken: Collection[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def ours(present: Sequence[Source], made: Collection[str]) -> list[Source]:
    """Return our own sources."""
    return [source for source in present if source.page is not None or source.route(made) == "device"]


def matching_devices(items: Sequence[tuple[str, str]], wanted: str) -> list[tuple[str, str]]:
    """Return the (name, id) of the devices whose name or id is `wanted`, or if there is none, contains it."""
    folded = wanted.casefold()
    exact = [item for item in items if folded in (item[0].casefold(), item[1].casefold())]
    return exact[:1] or [item for item in items if folded in item[0].casefold() or folded in item[1].casefold()]
