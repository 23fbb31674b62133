"""The plan of changes in OBS, from the wanted and the present sources. No I/O.

Our own sources are browser sources with one of partyline's pages and media sources with its stream, under any name, and
device sources that partyline made under that name. Other sources are never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from common.basic.values import ObsRoute
from common.obs.media_source import MEDIA, STREAM_PATH

BROWSER = "browser_source"
DEVICE_KINDS = ("coreaudio_input_capture", "pulse_output_capture", "wasapi_output_capture")
"""Kinds of source that capture a device's sound, on macOS, Linux and Windows."""
NO_BROWSER = (
    "This build of OBS has no Browser Source. The obs-browser plugin is missing, as in many Linux distributions."
)
VOICES_PAGE = "/obs-audio"
OVERLAY_PAGE = "/overlay"
_ADDRESSES = {BROWSER: ("url", (VOICES_PAGE, OVERLAY_PAGE)), MEDIA: ("input", (STREAM_PATH,))}
"""Kind of source → its setting with the address, and our paths there."""


@dataclass(frozen=True)
class Source:
    """A source in OBS, wanted or present."""

    name: str
    kind: str
    settings: Mapping[str, Any]
    account_id: str = ""
    """Account of the one member that it carries, if that is known."""
    aliases: tuple[str, ...] = ()
    """Other texts in an address that mean the same member."""

    @property
    def key(self) -> str:
        """What it is for, the same under any name: the member's account, `overlay`, or the route of all voices."""
        if self.page is None:
            return "device"
        if self.page[0] == OVERLAY_PAGE:
            return "overlay"
        return self.account_id or self.page[1] or ("stream" if self.page[0] == STREAM_PATH else "mix")

    @property
    def address(self) -> str:
        """The address of its page or stream, whoever's it is, or empty if its kind has none."""
        return str(self.settings.get(_ADDRESSES[self.kind][0], "")) if self.kind in _ADDRESSES else ""

    @property
    def page(self) -> tuple[str, str] | None:
        """Path of its partyline page or stream and the member there ("": all), or None if it has no such address."""
        if self.kind not in _ADDRESSES:
            return None
        url = urlsplit(self.address)
        if url.path not in _ADDRESSES[self.kind][1]:
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
        if page is None or page[0] == OVERLAY_PAGE:
            return None
        if page[0] == STREAM_PATH:
            return "stream"
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
            changes.append(Change("create", Source(name, source.kind, source.settings, source.account_id)))
        else:
            settings = _enforced(source, there)
            right = all(there.settings.get(key) == value for key, value in settings.items())
            changes.append(
                Change("keep" if right else "update", Source(there.name, there.kind, settings, source.account_id))
            )
    kept = {change.source.name for change in changes}
    for known in present:
        other = known.route(made)
        if other and (other != route or known.kind == MEDIA) and known.name not in kept:
            changes.append(Change("remove", known))
    return changes


_ENFORCED = ("url", "reroute_audio", "device_id", "input", "is_local_file", "input_format")
"""Settings that we enforce. Size and the like are the user's once the source exists."""


_OURS = ("key", "talker")
"""Parts of an address' query that are ours. Others are the user's choices, such as the overlay's look."""


def _enforced(source: Source, there: Source) -> dict[str, Any]:
    enforced = {key: value for key, value in source.settings.items() if key in _ENFORCED}
    if source.kind in _ADDRESSES:
        setting = _ADDRESSES[source.kind][0]
        enforced[setting] = with_choices(enforced[setting], there.address)
    return enforced


def with_choices(url: str, there: str) -> str:
    """Return our address `url` with the user's own choices of the address `there`."""
    choices = look_of(urlsplit(there).query)
    return f"{url}&{choices}" if choices else url


def look_of(query: str) -> str:
    """Return the user's own choices in the query of an address, without our key."""
    return urlencode([(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in _OURS])


def _is(known: Source, wanted: Source, made: Collection[str]) -> bool:
    if wanted.kind in _ADDRESSES:
        return wanted.page is not None and known.page is not None and is_same_page(known.page, wanted)
    return known.kind == wanted.kind and known.route(made) == "device"


def is_same_page(page: tuple[str, str], wanted: Source) -> bool:
    """Return whether a source with this page is the wanted one."""
    if wanted.page is None or page[0] != wanted.page[0]:
        return False
    talkers = {wanted.page[1].casefold(), *(alias.casefold() for alias in wanted.aliases)}
    return page[1].casefold() in talkers


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
