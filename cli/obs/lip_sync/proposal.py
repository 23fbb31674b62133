"""What to set so that the party is in step with the microphone, from the two lags that were measured. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cli.obs.lip_sync.estimate import LEAST_VOICE_S, Lag
from common.basic.values import DelayMs, range_of
from common.obs.judge.sync_offset import LEAST_MS, MOST_MS

Where = Literal["obs", "here"]
"""Where the delay is set: as the sync offset of our sources in OBS, or as the delay of partyline's mix."""

HERE_MOST_MS = int(range_of(DelayMs).most)
UNCERTAIN_MS = 60
"""The largest error of `benchmarks.obs.lip_sync` when it was sure: -52 … +66 ms, on a busy machine.

The meters agree with themselves to about 15 ms. The rest is OBS's: it smooths the times of what a source brings by up
to 70 ms, and its meters come before that.
"""
_STEP_MS = 10


@dataclass(frozen=True)
class Offsets:
    """What is set now, in milliseconds."""

    microphone: float = 0.0
    """Sync offset of the microphone in OBS."""
    ours: float = 0.0
    """Sync offset of our sources in OBS."""
    mix: float = 0.0
    """Delay of partyline's mix."""


@dataclass(frozen=True)
class Proposal:
    """The delay that brings both together."""

    behind_ms: int
    """How much later the stream has one's own voice from the party than from the microphone, with what is set now."""
    delay_ms: int
    """The one delay to set. Negative: the party must be earlier."""
    likeness: float
    """The worse of the two correlations."""

    def refusal(self, where: Where) -> str:
        """Return why it cannot be set there, or an empty text."""
        if where == "here" and self.delay_ms < 0:
            return "partyline can delay the party, but not make it earlier."
        if where == "here" and self.delay_ms > HERE_MOST_MS:
            return f"partyline delays by {HERE_MOST_MS} ms at most."
        if where == "obs" and not LEAST_MS <= self.delay_ms <= MOST_MS:
            return f"OBS's sync offset goes from {LEAST_MS} to {MOST_MS} ms."
        return ""


def propose(mine: Lag, path: Lag, now: Offsets) -> Proposal:
    """Return the proposal.

    `mine`: the microphone's meter behind one's own voice in the party. `path`: the meter of our sources behind the
    others' voices in the party. Their difference is what the stream has between the two.
    """
    measured = (path.seconds - mine.seconds) * 1000
    behind = measured + now.ours - now.microphone
    return Proposal(
        behind_ms=_rounded(behind),
        delay_ms=_rounded(now.microphone - (measured - now.mix)),
        likeness=min(mine.likeness, path.likeness),
    )


def doubt(mine: Lag | None, path: Lag | None, microphone: str) -> tuple[str, str] | None:
    """Return why no proposal can be made, and what to do, or None."""
    if mine is None or mine.voice_s < LEAST_VOICE_S:
        return (
            f"Too little was heard of {microphone!r} in OBS together with your voice in the party.",
            "Speak the whole time, with the PlayStation's microphone on. Name another source with --microphone NAME.",
        )
    if not mine.is_sure:
        return (
            f"What {microphone!r} picks up is not like your voice in the party (correlation {mine.likeness:.2f}).",
            "Check that both microphones hear you and nothing else, e.g. no game from loudspeakers. Then try again.",
        )
    if path is None or path.voice_s < LEAST_VOICE_S:
        return (
            "Too little was heard of the others in OBS, so the way from partyline to OBS could not be measured.",
            "Let somebody else in the party speak too, for some seconds.",
        )
    if not path.is_sure:
        return (
            f"What our source in OBS carries is not like the others' voices (correlation {path.likeness:.2f}).",
            "Check `partyline obs status`, and that the game is not in that source.",
        )
    return None


def _rounded(value: float) -> int:
    return round(value / _STEP_MS) * _STEP_MS
