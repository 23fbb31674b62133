"""The local avatars in a folder: `<online id>.png`, and `<online id>.speaking.png` for a member who speaks.

The folder is listed and its names are compared. No path is ever made from what a party or a page sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workers.dashboard.avatars.images import MOST_PIXELS, TYPES, Image, LocalAvatar, image_of, too_wide

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
SPEAKING = ".speaking"
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
        found: dict[str, LocalAvatar] = {}
        for name, file in self._files.items():
            if file.image is None:
                continue
            stem = name.rpartition(".")[0].casefold()
            who = stem.removesuffix(SPEAKING)
            known = found.get(who, LocalAvatar())
            if stem == who:
                found[who] = LocalAvatar(still=file.image, speaking=known.speaking)
            else:
                found[who] = LocalAvatar(still=known.still, speaking=file.image)
        return found

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
