"""The file that keeps which bridge is ours, and when the next one may be made, over a restart. No secrets."""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog

from common.paths import write_atomically
from workers.signaling.transports.bridge_need import Makes


class MakesFile:
    """Keeps the `Makes` of one place; whatever else lies there is not ours."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self._log = structlog.get_logger("signaling")
        kept = self._load()
        self.now = kept if kept.place == place else Makes(place=place)

    def keep(self, makes: Makes) -> None:
        if makes == self.now:
            return
        self.now = makes
        try:
            write_atomically(self._path, msgspec.json.encode(makes))
        except OSError as error:
            self._log.warning("a bridge of ours cannot be remembered over a restart", error=str(error))

    def _load(self) -> Makes:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Makes)
        except FileNotFoundError:
            return Makes()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._log.warning("what was remembered of bridges cannot be read", error=str(error))
            return Makes()
