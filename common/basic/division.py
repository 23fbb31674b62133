"""Which programs of the pipeline run on which of two machines. No I/O.

The spare machine is in the party and has the gate. The desk is its paired client, and has the link. Voices go one way,
from the spare machine to the desk, which is what the rules below follow from.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from common.errors import SettingsError

Side = Literal["desk", "spare"]
DeskProgram = Literal["audio", "recorder", "dashboard", "obs", "webrtc", "integrations"]
OF_THE_PARTY = ("auth", "session", "signaling", "media")
"""They exchange tokens and keys of connections, which leave no machine. So they run together, on the spare one."""
MOVABLE: tuple[DeskProgram, ...] = get_args(DeskProgram)
"""They run on either machine."""
WITH_THE_DASHBOARD: tuple[DeskProgram, ...] = ("obs", "webrtc", "integrations")
"""They use the keys of the dashboard's pages, which are files beside it, or send what its pages play."""
HEARS_THE_MIX: tuple[DeskProgram, ...] = ("recorder", "dashboard")
OWN = ("broker", "gate", "link")
"""Programs of the bus itself. Each machine has its own."""


@dataclass(frozen=True)
class Division:
    """The pipeline of this machine and of another one."""

    machine: str
    """The other machine."""
    side: Side
    desk: frozenset[str]

    @property
    def at_desk(self) -> bool:
        return self.side == "desk"

    @property
    def spare(self) -> frozenset[str]:
        return frozenset((*OF_THE_PARTY, *MOVABLE)) - self.desk

    @property
    def here(self) -> frozenset[str]:
        return self.desk if self.at_desk else self.spare

    @property
    def there(self) -> frozenset[str]:
        return self.spare if self.at_desk else self.desk

    @property
    def asked_here(self) -> frozenset[str]:
        """The workers of this machine that take requests. The integrations take none."""
        return self.here - {"integrations"}

    @property
    def asked_there(self) -> frozenset[str]:
        return self.there - {"integrations"}

    def is_here(self, program: str) -> bool:
        """Return whether that program runs on this machine. The simulator runs beside the party's workers."""
        return not self.at_desk if program == "simulator" else program not in self.there


def of(machine: str, side: Side, desk: Collection[str]) -> Division | None:
    """Return the division that the settings ask for, None without one. Raises `SettingsError`."""
    if not machine:
        return None
    check(desk)
    return Division(machine=machine, side=side, desk=frozenset(desk))


def completed(desk: Collection[str]) -> tuple[DeskProgram, ...]:
    """Return what runs at the desk, with what goes with it. Raises `SettingsError` for what cannot."""
    for name in desk:
        if name in OF_THE_PARTY:
            raise SettingsError(
                f"split.desk: {name} runs on the other machine",
                "auth, session, signaling and media exchange tokens and keys, which leave no machine. "
                "To have them here, run `partyline split` on the other machine.",
            )
        if name not in MOVABLE:
            raise SettingsError(
                f"split.desk: {name!r} cannot be moved", f"It may hold {', '.join(MOVABLE)}. The rest stays."
            )
    more = WITH_THE_DASHBOARD if "dashboard" in desk else ()
    found = tuple(name for name in MOVABLE if name in desk or name in more)
    check(found)
    return found


def check(desk: Collection[str]) -> None:
    """Raise `SettingsError` if those programs cannot run at the desk without the others."""
    if not desk:
        raise SettingsError("split.desk: nothing would run at the desk", "Name audio, for instance.")
    for name in WITH_THE_DASHBOARD:
        if (name in desk) != ("dashboard" in desk):
            raise SettingsError(
                f"split.desk: {name} and the dashboard cannot be apart", f"Put {name} where the dashboard is."
            )
    for name in HEARS_THE_MIX:
        if "audio" in desk and name not in desk:
            raise SettingsError(
                f"split.desk: {name} cannot hear a mix that audio makes at the desk", f"Put {name} at the desk too."
            )
