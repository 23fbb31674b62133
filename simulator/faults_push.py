"""Moods of the push channel: events doubled, shuffled or under their names of 2020; pings that are not answered."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.events import PREFIX

SHUFFLE_S = 0.1
"""Events that come within so many seconds of each other change places."""
_V1 = (
    (f"{PREFIX}outside:v2:partySession:".encode(), f"{PREFIX}outside:partySession:".encode()),
    (f"{PREFIX}v2:partySession:".encode(), f"{PREFIX}partySession:".encode()),
    (f"{PREFIX}outside:v2:ps:".encode(), f"{PREFIX}outside:pts:".encode()),
    (f"{PREFIX}v2:ps:".encode(), f"{PREFIX}pts:".encode()),
)


@dataclass
class PushMoods:
    """For connections from outside; consoles of this process are spared."""

    doubled: bool = False
    shuffled: bool = False
    v1_names: bool = False
    deaf_before: float = 0.0
    """Connections opened before this monotonic time get no pongs."""

    def calm(self) -> None:
        self.doubled = self.shuffled = self.v1_names = False
        self.deaf_before = 0.0

    def answers_pings(self, opened_at: float) -> bool:
        return opened_at >= self.deaf_before

    def frames(self, waiting: list[bytes]) -> list[bytes]:
        """Return what is sent for the events that wait."""
        found = list(reversed(waiting)) if self.shuffled else list(waiting)
        if self.v1_names:
            found = [_as_v1(frame) for frame in found]
        return [frame for frame in found for _ in range(2 if self.doubled else 1)]


def _as_v1(frame: bytes) -> bytes:
    """Rename the dataType as it was in 2020 [one: Tustin]; its place in the frame is the same."""
    for name, old in _V1:
        frame = frame.replace(b'"dataType":"' + name, b'"dataType":"' + old, 1)
    return frame
