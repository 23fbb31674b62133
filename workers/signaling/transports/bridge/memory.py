"""The file that keeps which bridge is ours, and when the next one may be made, over a restart. No secrets."""

from __future__ import annotations

from pathlib import Path

from common.files.state import StateFile
from workers.signaling.transports.bridge.demand import Makes


class MakesFile(StateFile[Makes]):
    """Keeps the `Makes` of one place."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path, Makes, place, "bridges of ours")
