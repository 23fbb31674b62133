"""The clips that the disk did not take. They stay in memory and are tried again. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.errors import PartylineError
from workers.recorder.clip.clip_memory import ClipCut
from workers.recorder.record.writer import describe, is_full

RETRY_S = 10.0
"""As often as state files are tried again (`common.run.unsaved`)."""
MOST_HELD = 3
"""The oldest is dropped for a fourth. Clips that overlap share their frames, so each costs little."""


@dataclass(frozen=True, slots=True)
class HeldClip:
    cut: ClipCut
    ended_at: float
    """Unix seconds."""


class HeldClips:
    def __init__(self) -> None:
        self._clips: list[HeldClip] = []
        self._tried_s = 0.0

    def __len__(self) -> int:
        return len(self._clips)

    @property
    def oldest(self) -> HeldClip | None:
        return self._clips[0] if self._clips else None

    def add(self, clip: HeldClip) -> None:
        """Hold a clip, if it is not held already."""
        if clip not in self._clips:
            self._clips = [*self._clips, clip][-MOST_HELD:]

    def done(self, clip: HeldClip) -> None:
        """Forget a clip, if it is held."""
        self._clips = [other for other in self._clips if other is not clip]

    def is_due(self, now_s: float) -> bool:
        """Return whether to try again at a monotonic time. True is returned once each `RETRY_S`."""
        if not self._clips or now_s - self._tried_s < RETRY_S:
            return False
        self._tried_s = now_s
        return True

    def problem(self, root: Path, error: OSError) -> PartylineError:
        """Return what happened and what to do about it."""
        remedy = "Free some space." if is_full(error) else f"Check {root}, its permissions and its disk."
        return PartylineError(
            f"The clip is not saved yet: {describe(error)}. It stays in memory.",
            f"{remedy} It is tried again every {RETRY_S:.0f} s as long as the recorder runs.",
            code="recorder.clip-unsaved",
        )
