"""Tells scenes that we chose from those that somebody chose by hand. No I/O."""

from __future__ import annotations

from integrations.obs_rules.rules.model import Target

EXPECTED_S = 10.0
"""OBS tells of a scene after its transition, which lasts up to some seconds."""
SETTLE_S = 0.3
"""A choice counts when OBS has told of no other one for so long. When Studio Mode is switched off, OBS 29 tells of two
within some ms, and shows the one that was there before."""


class SceneChoices:
    def __init__(self) -> None:
        self._expected: list[tuple[Target, str, float]] = []
        self._open: dict[Target, tuple[str, float]] = {}
        """Choices that may be by hand, and when that is certain."""

    def expect(self, slot: Target, scene: str, now: float) -> None:
        """Note that we are about to choose a scene."""
        self._expected.append((slot, scene, now + EXPECTED_S))

    def tell(self, slot: Target, scene: str, present: bool | str, now: float) -> None:
        """Note that OBS tells of a scene. `present`: what we set it to, or it was, as far as we know."""
        if self._is_own(slot, scene, now) or scene == present:
            self._open.pop(slot, None)
        else:
            self._open[slot] = scene, now + SETTLE_S

    def forget_open(self) -> None:
        """Note that the scenes are looked at anew, which finds what was told before."""
        self._open.clear()

    def is_open(self, slot: Target) -> bool:
        """Return whether somebody may just have chosen a scene."""
        return slot in self._open

    def due(self) -> float | None:
        """Return when a choice is certain."""
        return min((at for _, at in self._open.values()), default=None)

    def settled(self, now: float) -> dict[Target, str]:
        """Return the choices that are certain now. Each is returned once."""
        found = {slot: scene for slot, (scene, at) in self._open.items() if now >= at}
        self._open = {slot: one for slot, one in self._open.items() if slot not in found}
        return found

    def _is_own(self, slot: Target, scene: str, now: float) -> bool:
        """Return whether it is a change that we made. Each counts once."""
        self._expected = [one for one in self._expected if now < one[2]]
        for number, (at, name, _) in enumerate(self._expected):
            if (at, name) == (slot, scene):
                earlier = self._expected[:number]  # overtaken, if they were of the same kind
                self._expected = [*(one for one in earlier if one[0] != slot), *self._expected[number + 1 :]]
                return True
        return False
