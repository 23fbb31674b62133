"""The talkers of the frame queue: what they miss, and who has left. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workers.audio.mix.talker_frames import MixStep, TalkerFrame

GONE_PULLS = 100
"""A sounding talker without a frame for this long has left. The gap then holds no missing frames."""
FORGET_PULLS = 1000
"""A talker without a frame for this long is forgotten."""


@dataclass(slots=True)
class TalkerCounts:
    """The state of one talker. Counters are totals since the talker came."""

    frames: int = 0
    missing: int = 0
    dropped: int = 0
    late: int = 0
    """Frames that arrived after their tick was played."""
    sounding: bool = False
    pending: int = 0
    """Frames of a gap that is not over yet."""
    seen: int = 0
    """The pull before which the last frame arrived."""


class TalkerGaps:
    def __init__(self) -> None:
        self.talkers: dict[str, TalkerCounts] = {}

    def on_arrival(self, peer: str, pull: int) -> TalkerCounts:
        """Record that a frame arrived before `pull`."""
        talker = self.talkers.get(peer)
        if talker is None:
            talker = self.talkers[peer] = TalkerCounts()
        talker.seen = pull
        return talker

    def are_all_in(self, parts: dict[str, TalkerFrame]) -> bool:
        """Return whether `parts` has a frame of everybody who sounds."""
        return all(peer in parts for peer, talker in self.talkers.items() if talker.sounding)

    def on_played(self, parts: dict[str, TalkerFrame], step: MixStep) -> None:
        """Count the frames that sound in `step`, and add the talkers who miss one to its gaps."""
        for peer, talker in self.talkers.items():
            part = parts.get(peer)
            if part is None:
                _miss(peer, talker, step)
                continue
            talker.missing += talker.pending
            talker.pending = 0
            talker.sounding = part.frame.sounding
            talker.frames += bool(part.samples)

    def count_dropped(self, peers: Iterable[str]) -> None:
        for peer in peers:
            self.talkers[peer].dropped += 1

    def forget(self, pull: int, waiting: Iterable[dict[str, TalkerFrame]]) -> None:
        """Forget the talkers without a frame for a while. `waiting` are the frames of the queue."""
        waiting = tuple(waiting)
        for peer in [peer for peer, talker in self.talkers.items() if pull - talker.seen > FORGET_PULLS]:
            if not any(peer in parts for parts in waiting):
                del self.talkers[peer]


def _miss(peer: str, talker: TalkerCounts, step: MixStep) -> None:
    if not talker.sounding:
        return
    talker.pending += 1
    step.gaps.append(peer)
    if talker.pending > GONE_PULLS:
        talker.pending = 0
        talker.sounding = False
