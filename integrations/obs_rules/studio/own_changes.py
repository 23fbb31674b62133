"""Tells scenes that we chose from those that somebody chose by hand. No I/O."""

from __future__ import annotations

from integrations.obs_rules.rules.model import Target

EXPECTED_S = 10.0
"""OBS tells of a scene after its transition, which lasts up to some seconds."""


class OwnChanges:
    def __init__(self) -> None:
        self._expected: list[tuple[Target, str, float]] = []

    def expect(self, slot: Target, scene: str, now: float) -> None:
        """Note that we are about to choose a scene."""
        self._expected.append((slot, scene, now + EXPECTED_S))

    def is_own(self, slot: Target, scene: str, now: float) -> bool:
        """Return whether a change that OBS tells of is one that we made. Each counts once."""
        self._expected = [one for one in self._expected if now < one[2]]
        for number, (at, name, _) in enumerate(self._expected):
            if (at, name) == (slot, scene):
                earlier = self._expected[:number]  # overtaken, if they were of the same kind
                self._expected = [*(one for one in earlier if one[0] != slot), *self._expected[number + 1 :]]
                return True
        return False
