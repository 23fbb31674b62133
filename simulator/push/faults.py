"""Faults of the push channel: changes to frames, pongs and the life of connections."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from simulator.facts import push, rests_on
from simulator.parties.events import PREFIX

SHUFFLE_S = 0.1
"""Events within this many seconds of each other are swapped."""
_V1 = (
    (f"{PREFIX}outside:v2:partySession:".encode(), f"{PREFIX}outside:partySession:".encode()),
    (f"{PREFIX}v2:partySession:".encode(), f"{PREFIX}partySession:".encode()),
    (f"{PREFIX}outside:v2:ps:".encode(), f"{PREFIX}outside:pts:".encode()),
    (f"{PREFIX}v2:ps:".encode(), f"{PREFIX}pts:".encode()),
)
_LATE = 0.75
"""Share of clientKeepAliveTimeout that late pongs take."""


@dataclass
class PushFaults:
    """Applies to connections from outside, not to consoles of this process."""

    doubled: bool = False
    shuffled: bool = False
    v1_names: bool = False
    losing: int = 0
    """Number of numbered events to lose from now on."""
    deaf_before: float = 0.0
    """Connections opened before this monotonic time get no pongs."""
    late_pongs: bool = False
    silent: bool = False
    """Connections are accepted, and nothing is ever sent on them."""
    lives_s: float | None = None
    """Age in seconds at which connections are closed. 0 resets them at once."""
    refuse_1003: int = 0
    """The returnCode that refuses a 1003. 0 accepts it."""
    refuse_1007: int = 0
    """The same for a 1007 to anything but idle."""
    retry_interval_s: int = 0
    """`retryInterval` in the answer to a refused 1003. 0 leaves it out."""
    lost: int = field(default=0, compare=False)
    """Events lost so far."""

    def calm(self) -> None:
        for one in fields(self):
            if one.name != "lost":
                setattr(self, one.name, one.default)

    def answers_pings(self, opened_at: float) -> bool:
        return opened_at >= self.deaf_before and not self.silent

    @rests_on(push.PONGS)
    def pong_after_s(self, limit_ms: int) -> float:
        """Return the delay of a pong in seconds, for a client with a timeout of `limit_ms`."""
        return _LATE * limit_ms / 1000 if self.late_pongs else 0.0

    @rests_on(push.LOST_EVENT)
    def frames(self, waiting: list[bytes]) -> list[bytes]:
        """Return the frames to send for the waiting events."""
        found = [frame for frame in waiting if not self._loses(frame)]
        if self.shuffled:
            found.reverse()
        if self.v1_names:
            found = [_as_v1(frame) for frame in found]
        return [frame for frame in found for _ in range(2 if self.doubled else 1)]

    def _loses(self, frame: bytes) -> bool:
        if not self.losing or b'"sequenceNumber":' not in frame:
            return False
        self.losing -= 1
        self.lost += 1
        return True


def _as_v1(frame: bytes) -> bytes:
    """Return the frame with its dataType of 2020 [one: Tustin]. Its place in the frame is the same."""
    for name, old in _V1:
        frame = frame.replace(b'"dataType":"' + name, b'"dataType":"' + old, 1)
    return frame
