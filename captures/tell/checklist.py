"""The checklist of what a capture should contain."""

from __future__ import annotations

from dataclasses import dataclass

from captures import calls
from captures.model import CapturedFrame, Exchange
from common.psn.known import BRIDGE
from common.psn.party.sessions import BASE

_ONE = f"{BASE}/partySessions/{{session_id}}"
_VOICE = {f"POST {_ONE}/customMessage", *(entry.name for entry in BRIDGE if entry.name.endswith(("answer", "offer")))}


@dataclass(frozen=True)
class ChecklistItem:
    """One action in the app. A successful call of `calls` proves it."""

    name: str
    how: str
    calls: frozenset[str]


STEPS = (
    ChecklistItem("log in", "sign in to the app", frozenset({"POST /api/authz/v3/oauth/token"})),
    ChecklistItem(
        "open parties",
        "look at the list of parties",
        frozenset({f"GET {BASE}/partySessions", f"POST {BASE}/sys/gameBase/parties/bulkGet"}),
    ),
    ChecklistItem(
        "join", "make a party, or join one", frozenset({f"POST {BASE}/partySessions", f"POST {_ONE}/members"})
    ),
    ChecklistItem("voice", "speak with somebody in it", frozenset(_VOICE)),
    ChecklistItem("leave", "leave the party", frozenset({f"DELETE {_ONE}/members/me"})),
)


class Checklist:
    """Tracks the steps that the captured items prove."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        """Name of a step → seconds since the start of the capture."""
        self.push_messages = 0

    def take(self, item: Exchange | CapturedFrame) -> ChecklistItem | None:
        """Return the step that `item` proves for the first time."""
        if isinstance(item, CapturedFrame):
            self.push_messages += 1
            return None
        if not 200 <= item.status < 400:
            return None
        name = calls.name_of(item)
        step = next((step for step in STEPS if name in step.calls and step.name not in self.seen), None)
        if step:
            self.seen[step.name] = item.at + item.took
        return step

    @property
    def missing(self) -> list[ChecklistItem]:
        return [step for step in STEPS if step.name not in self.seen]
