"""The HTTP side against its OpenAPI document. A longer run is `python -m benchmarks.api.contract`."""

from __future__ import annotations

from common.api.rights import NEEDED
from tests.workers.dashboard.api.contract import over_http
from tests.workers.dashboard.api.contract.keyring import KINDS, Keyring
from tests.workers.dashboard.stage import Stage

SOME = ("Hello", "State", "SetMute", "SetOutput", "KeepClip", "JoinParty", "LeaveParty", "InvitePeople")
OTHERS = tuple(kind for kind in KINDS if kind not in ("admin", "dashboard"))


def test_every_operation_is_as_its_schema_says_at_all_borders(stage: Stage, ring: Keyring) -> None:
    outcome = over_http.run(stage.origin, ring, ["admin"], examples=1, coverage=True, methods=("PUT",))
    assert not outcome.findings, "\n\n".join(outcome.findings[:5])
    assert len(outcome.by_operation) == len(NEEDED) + 6
    assert {200, 400, 401, 405, 415} <= set(outcome.statuses)


def test_operations_are_as_their_schema_says_with_keys_of_all_other_kinds(stage: Stage, ring: Keyring) -> None:
    outcome = over_http.run(stage.origin, ring, OTHERS, examples=6, coverage=False, only=SOME)
    assert not outcome.findings, "\n\n".join(outcome.findings[:5])
    assert {200, 401, 403} <= set(outcome.statuses)
