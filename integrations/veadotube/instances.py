"""Finds a running veadotube by the files that it writes about itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from common.errors import PartylineError
from common.files.state import UNUSABLE

FOLDER = Path(".veadotube") / "instances"
"""In the user's own folder. veadotube says that it stays there, whatever folder its user chose for avatars."""
ALIVE_S = 10.0
"""A running veadotube writes its file again and again. An older one is to be ignored, by its documentation."""
_OPEN = "Open veadotube, and switch its WebSocket server on in its settings."


class VeadoInstance(msgspec.Struct, frozen=True):
    """The file of one."""

    time: float
    name: str = ""
    id: str = ""
    server: str = ""
    """Host and port, or empty or port 0 while its server is off."""


class VeadotubeAwayError(PartylineError):
    """There is no veadotube to connect to. It may come by itself."""

    code = "veadotube.away"


def running(folder: Path, now: float) -> list[VeadoInstance]:
    """Return those that run. `now` is in Unix seconds."""
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return []
    return [one for one in map(_read, files) if one is not None and now - one.time <= ALIVE_S]


def choose(instances: Sequence[VeadoInstance], wanted: str) -> str:
    """Return the address of the one whose name or id contains `wanted`. Raises `VeadotubeAwayError`."""
    if not instances:
        raise VeadotubeAwayError("No veadotube is running.", _OPEN)
    fit = [one for one in instances if wanted.casefold() in f"{one.name}\n{one.id}".casefold()]
    named = ", ".join(f"“{one.name}” ({one.id})" for one in instances)
    if not fit:
        raise VeadotubeAwayError(f"No running veadotube is called “{wanted}”: {named}.", "Name one of these.")
    if len(fit) > 1:
        raise VeadotubeAwayError(
            f"Several veadotubes run: {named}.",
            "Name one in `[veadotube] instance`, or in the avatar's own `instance` or `address`.",
        )
    host, _, port = fit[0].server.rpartition(":")
    if not port.isdecimal() or int(port) == 0:
        raise VeadotubeAwayError(f"The WebSocket server of “{fit[0].name}” is off.", _OPEN)
    return f"{host or '127.0.0.1'}:{port}"


def _read(file: Path) -> VeadoInstance | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=VeadoInstance)
    except (OSError, *UNUSABLE):
        return None
