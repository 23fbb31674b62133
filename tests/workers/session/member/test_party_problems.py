from __future__ import annotations

from pathlib import Path
from typing import Any

from common.errors import PartyError, PartylineError
from common.psn.errors import BadAnswerError
from tests.workers.session.member.rig import MembershipRig
from workers.session.member.party_problems import REJOINED, UNREAD, PartyProblems


class Publisher:
    def __init__(self) -> None:
        self.open: dict[str, tuple[PartylineError, dict[str, Any]]] = {}

    def publish_error(self, error: PartylineError, **more: Any) -> None:
        self.open[error.code] = (error, more)

    def clear_problem(self, code: str) -> None:
        self.open.pop(code, None)


async def test_a_failed_resync_is_a_warning_about_the_members_until_they_are_known(home: Path) -> None:
    there, publisher = MembershipRig(home), Publisher()
    problems, error = PartyProblems(publisher, there.membership), PartyError("no answer", "wait", code="x.y")
    there.calls.views = [BadAnswerError("no JSON")]
    await there.join()
    problems.on_resync_failed(error)
    assert list(publisher.open) == [UNREAD]
    problems.on_success()
    assert publisher.open == {}
    await there.resync.resync()
    problems.on_resync_failed(error)
    assert publisher.open == {"x.y": (error, {"severity": "warning", "new_occurrence": True})}


async def test_a_rejoin_stays_a_note_until_the_party_is_left(home: Path) -> None:
    publisher = Publisher()
    problems = PartyProblems(publisher, MembershipRig(home).membership)
    problems.on_rejoined(600.0)
    problems.on_success()
    assert publisher.open[REJOINED][1] == {"severity": "note"}
    problems.on_out()
    assert publisher.open == {}
