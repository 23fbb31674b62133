"""Addresses at which a page plays recordings. Each is drawn for one file, and known only to the page that asked.

The page's key would stand in an address that a player keeps. A drawn one opens one file, and is void when the dashboard
restarts, when the keys change and after an hour without use.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from common.errors import PartylineError
from common.messages import RecordingList

PATH = "/recording/"
UNUSED_S = 3600.0
"""An address is void so long after its last use. Chosen longer than a pause in listening."""
MOST = 64
"""Addresses that are valid at a time. The oldest is void for the next one."""
TYPES = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".opus": "audio/ogg",
}


@dataclass(slots=True)
class _Address:
    path: Path
    used_s: float


class PlayedRecordings:
    """The addresses. `recordings` returns the list that the recorder has published last."""

    def __init__(
        self, recordings: Callable[[], RecordingList | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._recordings = recordings
        self._clock = clock
        self._addresses: dict[str, _Address] = {}

    def address_of(self, recording: str, file: str) -> str:
        """Return an address of a file in the list. Raises `PartylineError` if it is not there."""
        listed = self._recordings()
        entries = listed.recordings if listed is not None else ()
        known = {(entry.recording, one.file) for entry in entries for one in entry.files}
        path = Path(listed.folder) / recording / file if listed and (recording, file) in known else None
        if path is None or not _is_below(path, Path(listed.folder) if listed else path):
            raise PartylineError(
                "That file is not there any more.", "Look at the list again.", code="dashboard.no-recording"
            )
        name = secrets.token_hex(20)
        self._addresses[name] = _Address(path, self._clock())
        while len(self._addresses) > MOST:
            del self._addresses[next(iter(self._addresses))]
        return PATH + name

    def revoke(self) -> None:
        """Make every address void."""
        self._addresses.clear()

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH + "{name:[0-9a-f]{40}}", self._serve)]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        found = self._addresses.get(request.match_info["name"])
        if found is None or self._clock() - found.used_s > UNUSED_S or not found.path.is_file():
            raise web.HTTPNotFound
        found.used_s = self._clock()
        kind = TYPES.get(found.path.suffix, "application/octet-stream")
        return web.FileResponse(found.path, headers={"Content-Type": kind})


def _is_below(path: Path, root: Path) -> bool:
    """Return whether a file lies where it says, also if something there is a link."""
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve(strict=True))
    except (OSError, ValueError):
        return False
