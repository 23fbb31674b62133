"""Holds all talkers at the party's one delay with `[media] latency = "steady"`, and tells what the delay is for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from common.bus import Bus
from common.config.tables import MediaSettings
from common.errors import BusUnreachableError
from common.messages import Message, PlayoutDelay
from workers.media.receive.buffer.latency import PLANS
from workers.media.receive.buffer.time_units import MS
from workers.media.talkers.party_delay import PartyDelay
from workers.media.talkers.talker import Talker

NEEDS_EVERY = 20
"""Ticks between two looks at what the talkers need. 200 ms are short beside every wait of `PartyDelay`."""


class CommonPlayout:
    """The common delay, or none in the other modes."""

    def __init__(
        self, settings: MediaSettings, talkers: Mapping[str, Talker], publish: Callable[[Message], object]
    ) -> None:
        self._latency, self._talkers, self._publish = settings.latency, talkers, publish
        max_ms = settings.max_delay_ms or PLANS[settings.latency].longest_ms
        is_common = settings.latency == "steady"
        self._delay = PartyDelay(min_ms=settings.min_delay_ms, max_ms=max_ms) if is_common else None
        self._needs: dict[str, float] = {}
        self._ticks = 0
        self._has_begun = False
        self._told: PlayoutDelay | None = None

    async def begin(self, bus: Bus) -> None:
        """Ask the bus for the delay of an earlier run, and go on with it. Raises `PartylineError`."""
        self.go_on(await _earlier(bus))

    def go_on(self, left: PlayoutDelay | None) -> None:
        """Go on with the delay of an earlier run, which OBS is set to, and tell it from now on."""
        if self._delay is not None and left is not None and left.latency == "steady":
            self._delay.resume(left.common_ms)
        self._has_begun = True
        self._tell()

    def tick(self, due_ns: int, speaking: Collection[str]) -> None:
        """Hold each talker at the delay that is due now. `speaking`: peer keys of who was heard in the last one."""
        if self._delay is None:
            return
        if self._ticks % NEEDS_EVERY == 0:
            self._needs = self._read_needs()
        self._ticks += 1
        self._delay.update(self._needs, due_ns, speaking)
        for key, talker in self._talkers.items():
            if talker.voice.path is not None:
                talker.voice.path.delay.hold(self._delay.of(key) * MS)
        self._tell()

    def _read_needs(self) -> dict[str, float]:
        """Return the delay in ms that each needs who is heard. A bridge on standby is not."""
        return {
            key: talker.voice.path.delay.need() / MS
            for key, talker in self._talkers.items()
            if talker.voice.path is not None and talker.voice.receives and talker.publisher.way != "none"
        }

    def _tell(self) -> None:
        if not self._has_begun:
            return
        now = PlayoutDelay(latency=self._latency)
        if self._delay is not None:
            now = PlayoutDelay(
                latency=self._latency,
                common_ms=self._delay.common_ms,
                changes=self._delay.changes,
                alone=dict(self._delay.alone),
                exceeded=self._delay.exceeded,
            )
        if now != self._told:
            self._told = now
            self._publish(now)


async def _earlier(bus: Bus) -> PlayoutDelay | None:
    """Return what an earlier run told last."""
    while True:
        try:
            left = await bus.snapshot(PlayoutDelay)
        except BusUnreachableError:
            continue  # no broker yet: the request's own wait is the pause
        return next((one.message for one in left if isinstance(one.message, PlayoutDelay)), None)
