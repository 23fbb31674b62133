"""What a scenario is, and the paths that several of them disturb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.shared.faults import Fault
from simulator.world import World

TOKEN = "/account/api/authz/v3/oauth/token"  # noqa: S105  # a path
SERVERADDR = "/pushcl/np/serveraddr"
SOCKET = "/np/pushNotification"
MOBILE = "/mobile/"
PARTIES = "/mobile/api/sessionManager/v2/"


def _nothing(_: World) -> None:
    return None


@dataclass(frozen=True)
class Scenario:
    """A scenario adds its `faults`, then calls `act`."""

    words: str
    """Description, for --help."""
    faults: tuple[Fault, ...] = ()
    act: Callable[[World], None] = _nothing

    def set_off(self, world: World) -> None:
        for fault in self.faults:
            world.faults.add(fault)
        self.act(world)
