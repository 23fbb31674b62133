"""What worked with which kind of member, over a restart. No secrets in it, no accounts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog

from common.paths import write_atomically
from workers.media.ladder import Worked


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    place: str = ""
    """Which servers it is about."""
    worked: tuple[Worked, ...] = ()


class WorkedFile:
    """Keeps `Worked` entries in a file that is always whole."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self._place = place
        self._log = structlog.get_logger("media")
        kept = self._load()
        self.now = kept.worked if kept.place == place else ()

    def keep(self, worked: tuple[Worked, ...]) -> None:
        """Remember these. A disk that is full is logged, not fatal: then it is found out again."""
        if worked == self.now:
            return
        self.now = worked
        try:
            write_atomically(self._path, msgspec.json.encode(_Kept(place=self._place, worked=worked)))
        except OSError as error:
            self._log.warning("what worked cannot be remembered over a restart", error=str(error))

    def _load(self) -> _Kept:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return _Kept()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._log.warning("what worked before cannot be read", error=str(error))
            return _Kept()
