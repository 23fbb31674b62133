"""Detection of which members the bridge's mix carries, from when both sound. No I/O, no clock.

Who is on a bridge is not known [read]. A mix that stays silent while a member speaks on a separate connection does not
carry that member, so nothing is heard twice when both sound. Until that is known, a member counts as carried.
"""

from __future__ import annotations

from dataclasses import dataclass

LAG_NS = 600_000_000
"""How long the bridge's mix may lag behind a member's own connection. Chosen, since no real bridge was measured."""
MAX_STRETCH_NS = 5_000_000_000
"""Speech without a pause is judged in pieces of this length."""
MIN_STRETCH_TICKS = 40
"""Ticks of 10 ms. A shorter stretch is not judged."""
QUIET, LOUD = 0.2, 0.6
"""Share of a stretch of speech in which the mix sounds. Below QUIET it does not carry the member, above LOUD it may."""
ENOUGH_QUIET, ENOUGH_LOUD = 2, 3
"""Stretches in a row that change the result. People on the bridge may speak at the same time by chance."""
GAP_NS = 1_000_000_000
"""After such a gap the mix counts as a new one."""


@dataclass
class _Stretch:
    start_ns: int
    last_ns: int
    mix_before: int
    ticks: int = 0


@dataclass
class _Voice:
    carried: bool = True
    quiet: int = 0
    loud: int = 0

    def record_share(self, share: float) -> None:
        """Take the share of a stretch of speech during which the mix sounded too."""
        self.quiet = self.quiet + 1 if share < QUIET else 0
        self.loud = self.loud + 1 if share > LOUD else 0
        if self.quiet >= ENOUGH_QUIET:
            self.carried = False
        elif self.loud >= ENOUGH_LOUD:
            self.carried = True


class MixDetector:
    """Call `record_own` when a member's own connection sounds in a tick, and `record_mix` in each tick."""

    def __init__(self) -> None:
        self._voices: dict[str, _Voice] = {}
        self._open: dict[str, _Stretch] = {}
        self._sounded = 0
        self._mix_ns = 0

    def record_own(self, peer: str, now_ns: int) -> bool:
        """Record that a member's own connection sounds. Return whether the mix may carry the member."""
        stretch = self._open.setdefault(peer, _Stretch(now_ns, now_ns, self._sounded))
        stretch.last_ns = now_ns
        stretch.ticks += 1
        return self._voices.setdefault(peer, _Voice()).carried

    def record_mix(self, now_ns: int, *, sounding: bool) -> None:
        """Record whether the bridge sounds."""
        if now_ns - self._mix_ns > GAP_NS:
            self._voices.clear()
            self._open.clear()
        self._mix_ns = now_ns
        self._sounded += sounding
        for peer, stretch in list(self._open.items()):
            if now_ns - stretch.last_ns >= LAG_NS or now_ns - stretch.start_ns >= MAX_STRETCH_NS:
                del self._open[peer]
                if stretch.ticks >= MIN_STRETCH_TICKS:
                    share = (self._sounded - stretch.mix_before) / stretch.ticks
                    self._voices.setdefault(peer, _Voice()).record_share(share)

    def retain(self, peers: set[str]) -> None:
        """Forget everybody but `peers`."""
        self._voices = {peer: voice for peer, voice in self._voices.items() if peer in peers}
        self._open = {peer: stretch for peer, stretch in self._open.items() if peer in peers}
