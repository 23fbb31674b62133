"""Voice activity from the level of each 10 ms frame, with hysteresis and hang-over."""

from __future__ import annotations

from common.bus.voice.conceal import QUIET_DB

ON_DB = -45.0
OFF_DB = -52.0
"""Levels in dBFS above which speech begins, and below which it ends. Chosen above the level that counts as quiet
(`QUIET_DB`) for the beginning, and below it for the end. Both are higher in a room that is not silent."""
ON_FRAMES = 2
"""Loud frames in a row that begin speech. A click is shorter."""
HANG_FRAMES = 30
"""Speech ends 300 ms after the last loud frame, because words have gaps."""


class VoiceActivity:
    """The voice activity of one talker, frame by frame."""

    def __init__(self) -> None:
        self.speaking = False
        self._loud = 0
        self._hang = 0

    def update(self, level_db: float, quiet_db: float = QUIET_DB) -> bool:
        """Take the next frame's level in dBFS, and the one that counts as quiet. Return whether the talker speaks."""
        raised_db = quiet_db - QUIET_DB
        self._loud = self._loud + 1 if level_db >= ON_DB + raised_db else 0
        if self._loud >= ON_FRAMES:
            self.speaking = True
            self._hang = HANG_FRAMES
        elif self.speaking:
            self._hang = HANG_FRAMES if level_db >= OFF_DB + raised_db else self._hang - 1
            self.speaking = self._hang > 0
        return self.speaking
