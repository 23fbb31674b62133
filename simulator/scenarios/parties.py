"""Calls about parties are refused or unreadable."""

from __future__ import annotations

from simulator.scenarios.base import PARTIES, Scenario
from simulator.shared.faults import Fault

VIEW = "/mobile/api/sessionManager/v2/partySessions"


PARTY_CALLS: dict[str, Scenario] = {
    "message-refused": Scenario(
        "the next customMessage is refused: 400 Bad Request (body: null)",
        (
            Fault(
                path=PARTIES, method="POST", contains="/customMessage", status=400, message="Bad Request (body: null)"
            ),
        ),
    ),
    "join-refused": Scenario(
        "the next join is refused: 403",
        (Fault(path=PARTIES, method="POST", contains="/members ", status=403, message="Forbidden"),),
    ),
    "leave-500s": Scenario(
        "the next two leave calls meet 500", (Fault(path=PARTIES, method="DELETE", status=500, times=2),)
    ),
    "view-unreadable": Scenario(
        "the next three views of a party are no JSON",
        (Fault(path=VIEW, method="GET", contains="view=v3", status=200, html=True, times=3),),
    ),
    "view-refused": Scenario(
        "the next three views of a party are refused: 400",
        (Fault(path=VIEW, method="GET", contains="view=v3", status=400, times=3, message="Bad Request (body: null)"),),
    ),
}
