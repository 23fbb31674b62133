"""Whether the sound device is needed. No I/O, no clock. Times are monotonic seconds.

An open device keeps a Mac from sleeping, and Bluetooth headphones awake, also while it plays silence.
"""

from __future__ import annotations

REST_AFTER_S = 60.0
"""How long the device stays open after a party. Chosen for a change from one party to the next."""
TRIED_S = 10.0
"""How long a device is open that is only tried: at the start, and when it is chosen. Chosen to be longer than a stall
takes to be noticed (0.5 s) and than Bluetooth headphones take to start."""


class DeviceNeed:
    def __init__(self, now: float) -> None:
        self._is_in_party: bool | None = None
        """None until session has told. The device is open then, since a party may be on."""
        self._until = now + TRIED_S

    def on_party(self, *, is_on: bool, now: float) -> None:
        """Record whether there is a party. It counts from the beginning of the join, long before the first voice."""
        if self._is_in_party and not is_on:
            self._extend(now + REST_AFTER_S)
        self._is_in_party = is_on

    def on_voice(self, now: float) -> None:
        """Record that somebody is heard, whatever session says: media goes on while session is away."""
        self._extend(now + REST_AFTER_S)

    def try_out(self, now: float) -> None:
        """Record that the device was chosen, so that it is tried at once."""
        self._extend(now + TRIED_S)

    def is_needed(self, now: float) -> bool:
        return self._is_in_party is not False or now < self._until

    def _extend(self, until: float) -> None:
        self._until = max(self._until, until)
