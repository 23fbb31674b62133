"""The one playout delay of a whole party, for `[media] latency = "steady"`. No I/O, no clock.

Lips that are in step with a voice stay so only while its delay does not change. So all talkers wait for as long as the
one who needs it most, and that delay changes only while nobody speaks: up at the first such pause, down after the
lower one has sufficed for long. A talker whose network needs more meanwhile loses sound, as in every delay that is too
short. If no pause comes for `ALONE_AFTER_NS`, that talker alone waits for longer until one does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

TICK_MS = 10
"""Delays are whole ticks, since a frame is played at one."""
LEAST_MS = 60
"""The delay before anything is known, and the least later. An ordinary network then never raises it, and beside a
picture a shorter delay brings nothing."""
PAUSE_NS = 100_000_000
"""How long nobody must have spoken. Speech ends 300 ms after its last loud frame (`voice_activity`), which is part of a
pause already."""
ENDLESS_NS = 15_000_000_000
"""A voice that goes on for this long without a gap is a loud room or music, and prevents no pause. Nobody speaks for so
long without one of 300 ms."""
ALONE_AFTER_NS = 20_000_000_000
LOWER_AFTER_NS = 300_000_000_000
"""How long a lower delay must have sufficed. By `benchmarks.receive.party`'s networks: after 30 s the delay of a party
with a bad network changes nearly once a minute, after 5 min a fourth as often, and is 50 ms longer."""
LEAST_FALL_MS = 20
"""A delay that is lower by less than that is not worth a change."""
ROOM_MS = 30
"""How much more than the need a changed delay has, so that a need that grows by some ticks changes it once."""


class PartyDelay:
    """The party's delay, in milliseconds. Talkers go by keys, times are monotonic nanoseconds."""

    def __init__(self, *, min_ms: int, max_ms: int) -> None:
        """`min_ms`, `max_ms`: bounds of the settings, which each talker's need keeps too."""
        self._most_ms = max(min_ms, max_ms)
        self._least_ms = min(max(LEAST_MS, min_ms), self._most_ms)
        self.common_ms = self._least_ms
        self.changes = 0
        """How often `common_ms` has changed."""
        self.exceeded = 0
        """How often a talker began to wait for longer alone."""
        self.alone: dict[str, int] = {}
        """Talker → the longer delay in ms of one who waits alone."""
        self._short_since: dict[str, int] = {}
        """Talker → since when the delay is shorter than the need."""
        self._speaking_since: dict[str, int] = {}
        """Talker who is heard → since when without a gap."""
        self._quiet_since: int | None = None
        self._lower_since: int | None = None
        """Since when all needs are below `common_ms`."""
        self._highest_ms = 0
        """The highest need since then."""

    def of(self, key: str) -> int:
        """Return the delay of a talker, who may be new."""
        return max(self.common_ms, self.alone.get(key, 0))

    def resume(self, common_ms: int) -> None:
        """Begin with the delay of an earlier run, whose settings may have been others."""
        self.common_ms = min(max(common_ms, self._least_ms), self._most_ms)

    def update(self, needs_ms: Mapping[str, float], now_ns: int, speaking: Collection[str]) -> None:
        """Take what each talker's network needs, and who is heard. Called at each tick."""
        needs = {key: -int(-need // TICK_MS) * TICK_MS for key, need in needs_ms.items()}
        self._follow_short(needs, now_ns)
        self._follow_lower(max(needs.values(), default=self.common_ms), now_ns)
        if self._is_pause(speaking, now_ns):
            self._settle(needs, now_ns)

    def _is_pause(self, speaking: Collection[str], now_ns: int) -> bool:
        """Return whether nobody has spoken for long enough."""
        self._speaking_since = {key: self._speaking_since.get(key, now_ns) for key in speaking}
        if any(now_ns - since < ENDLESS_NS for since in self._speaking_since.values()):
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now_ns
        return self._quiet_since is not None and now_ns - self._quiet_since >= PAUSE_NS

    def _follow_short(self, needs: Mapping[str, int], now_ns: int) -> None:
        """Let those wait for longer whose delay has been too short for too long."""
        self.alone = {key: delay for key, delay in self.alone.items() if key in needs}
        short = {key: need for key, need in needs.items() if need > self.of(key)}
        self._short_since = {key: self._short_since.get(key, now_ns) for key in short}
        for key, need in short.items():
            if now_ns - self._short_since[key] >= ALONE_AFTER_NS:
                self.exceeded += key not in self.alone
                self.alone[key] = need
                del self._short_since[key]

    def _follow_lower(self, highest_ms: int, now_ns: int) -> None:
        """Note for how long a lower delay would have sufficed."""
        if highest_ms >= self.common_ms:
            self._lower_since = None
        elif self._lower_since is None:
            self._lower_since, self._highest_ms = now_ns, highest_ms
        else:
            self._highest_ms = max(self._highest_ms, highest_ms)
            if now_ns - self._lower_since >= LOWER_AFTER_NS and self._fallen_ms is None:
                self._lower_since, self._highest_ms = now_ns, highest_ms

    @property
    def _fallen_ms(self) -> int | None:
        """The lower delay that `_highest_ms` allows, or None if it is not worth a change."""
        fallen_ms = max(self._least_ms, self._highest_ms + ROOM_MS)
        return fallen_ms if fallen_ms <= self.common_ms - LEAST_FALL_MS else None

    def _settle(self, needs: Mapping[str, int], now_ns: int) -> None:
        """Change the delay, because nobody speaks."""
        highest_ms = max(needs.values(), default=0)
        if highest_ms > self.common_ms:
            self._change(max(highest_ms, min(highest_ms + ROOM_MS, self._most_ms)))
        elif self._lower_since is not None and now_ns - self._lower_since >= LOWER_AFTER_NS:
            fallen_ms = self._fallen_ms
            if fallen_ms is not None:
                self._change(fallen_ms)
        self.alone.clear()

    def _change(self, common_ms: int) -> None:
        self.common_ms = common_ms
        self.changes += 1
        self._lower_since = None
