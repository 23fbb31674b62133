"""Keys of each kind. Those of a kind are used by turns, since each may call 20 times a second only."""

from __future__ import annotations

import atexit
import itertools
from collections.abc import Iterator
from typing import Literal, get_args

import httpx

from common.api import PATH, keys
from common.api.rights import RIGHTS, Right
from tests.support.waiting import eventually
from tests.workers.dashboard.stage import Stage

Kind = Literal["none", "revoked", "read", "overlay", "also", "control", "admin", "dashboard"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ALSO = "LeaveParty"
"""What the keys of the kind `also` may do besides reading."""
RIGHT_OF: dict[Kind, Right | None] = {
    "none": None,
    "revoked": None,
    "read": "read",
    "overlay": "read",
    "also": "read",
    "control": "control",
    "admin": "admin",
    "dashboard": "admin",
}


HTTP = httpx.Client(trust_env=False, verify=False)
"""One client for all, as each would read the certificates of the world."""
atexit.register(HTTP.close)


class Keyring:
    """The keys of a stage, taken up by its dashboard. `admin` says how many there are of that right."""

    def __init__(self, stage: Stage, admin: int = 4) -> None:
        made: dict[str, list[str]] = {
            right: [
                keys.make(stage.paths, f"{right} {number}", right)[1]
                for number in range(admin if right == "admin" else 4)
            ]
            for right in RIGHTS
        }
        made["also"] = [keys.make(stage.paths, f"also {number}", "read", (ALSO,))[1] for number in range(4)]
        made["revoked"] = [keys.make(stage.paths, "revoked", "admin")[1]]
        keys.remove(stage.paths, "revoked")
        made["none"] = [""]
        made["overlay"], made["dashboard"] = [stage.keys.read], [stage.keys.full]
        self.kinds: dict[str, Kind] = {text: kind for kind in KINDS for text in made[kind]}
        self._turns: dict[Kind, Iterator[str]] = {kind: itertools.cycle(made[kind]) for kind in KINDS}

        def taken_up() -> bool:
            return all(
                HTTP.get(stage.origin + PATH, headers=bearer(self.next(kind))).is_success == bool(RIGHT_OF[kind])
                for kind in ("read", "also", "control", "admin", "revoked")
            )

        eventually(taken_up, "the keys are taken up", every_s=0.2)

    def next(self, kind: Kind) -> str:
        return next(self._turns[kind])


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
