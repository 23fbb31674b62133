"""The local avatars in a folder: `<online id>.png`, and `<online id>.speaking.png` for a member who speaks.

`<online id>.speaking2.png` to `.speaking4.png` are for one who speaks louder and louder.

The folder is listed and its names are compared. No path is ever made from what a party or a page sends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from workers.dashboard.avatars.images import MOST_PIXELS, TYPES, Image, LocalAvatar, image_of, too_wide

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
MOST_MOUTHS = 4
"""Most pictures of a member who speaks. Chosen as what drawn faces for streams come with: closed to wide open."""
_NAME = re.compile(rf"(?P<who>.+?)(?P<speaking>\.speaking(?P<loud>[2-{MOST_MOUTHS}]?))?")
MOST_BYTES = 4 * 1024 * 1024
MOST_BYTES_IN_ALL = 64 * 1024 * 1024
CROWDED = f"all pictures together are larger than {MOST_BYTES_IN_ALL // 1024**2} MB"


@dataclass(frozen=True)
class _PictureFile:
    stamp: tuple[int, int]
    image: Image | None
    why_not: str = ""


class LocalAvatars:
    """The local avatars. Call `poll` from time to time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, _PictureFile] = {}

    def poll(self) -> bool:
        """Read new files of the folder. Return whether anything changed."""
        before, left = self._files, MOST_BYTES_IN_ALL
        files: dict[str, _PictureFile] = {}
        for path in self._pictures():
            file = files[path.name] = self._read(path, left)
            left -= len(file.image.body) if file.image else 0
        self._files = files
        return files != before

    @property
    def refused(self) -> dict[str, str]:
        """File name → why it is not shown."""
        return {name: file.why_not for name, file in self._files.items() if file.why_not}

    @property
    def by_name(self) -> dict[str, LocalAvatar]:
        """Online id, folded → pictures."""
        still: dict[str, Image] = {}
        speaking: dict[str, dict[int, Image]] = {}
        for name, file in self._files.items():
            parts = _NAME.fullmatch(name.rpartition(".")[0].casefold())
            if file.image is None or parts is None:
                continue
            if parts["speaking"] is None:
                still[parts["who"]] = file.image
            else:
                speaking.setdefault(parts["who"], {})[int(parts["loud"] or 1)] = file.image
        return {who: _avatar(still.get(who), speaking.get(who, {})) for who in still.keys() | speaking.keys()}

    def _pictures(self) -> list[Path]:
        try:
            entries = sorted(self.folder.iterdir())
        except OSError:
            return []
        return [path for path in entries if path.suffix.lower() in SUFFIXES and path.name[0] != "."]

    def _read(self, path: Path, left: int) -> _PictureFile:
        """Read a file, unless it is known already or larger than what is `left` of memory for all."""
        try:
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if found.st_size > MOST_BYTES:
                return _PictureFile(stamp, None, f"it is larger than {MOST_BYTES // 1024**2} MB")
            if found.st_size > left:
                return _PictureFile(stamp, None, CROWDED)
            known = self._files.get(path.name)
            if known and known.stamp == stamp and known.why_not != CROWDED:
                return known
            body = path.read_bytes() if path.is_file() else b""
            image = image_of(body)
        except OSError as error:
            return _PictureFile((0, 0), None, error.strerror or "it cannot be read")
        if too_wide(body):
            return _PictureFile(stamp, None, f"it has more than {MOST_PIXELS} pixels on a side")
        return _PictureFile(stamp, image, "" if image else f"it is not a {TYPES} picture")


def _avatar(still: Image | None, speaking: dict[int, Image]) -> LocalAvatar:
    ordered = [speaking[loud] for loud in sorted(speaking)]
    return LocalAvatar(still=still, speaking=ordered[0] if ordered else None, louder=tuple(ordered[1:]))
