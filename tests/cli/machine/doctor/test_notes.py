"""notes/doctor.md has a row for each check and each fault, and no other."""

from __future__ import annotations

from cli.machine.doctor.catalogue import CHECKS
from cli.machine.doctor.check import ERRORS, SEVERITIES, WARNINGS
from tests.cli.machine.doctor.faults import ALL
from tests.cli.machine.doctor.table import HEAD, NOTE
from tests.notes.collect import rows


def table() -> list[list[str]]:
    return list(rows(HEAD + NOTE.read_text().partition(HEAD)[2].partition("\n\n")[0]))


def test_every_fault_has_its_row_and_what_was_said() -> None:
    named = {(cells[0], cells[1]) for cells in table()}
    assert named == {(fault.check, fault.words) for fault in ALL}
    for fault in ALL:
        (said,) = [cells[2] for cells in table() if cells[:2] == [fault.check, fault.words]]
        assert said.startswith(f"**{fault.severity}**")
        assert fault.says in said


def test_every_check_is_in_the_notes() -> None:
    assert {cells[0] for cells in table()} == {check.id for check in CHECKS}


def test_the_severities_are_explained_with_their_exit_codes() -> None:
    told = {cells[0]: cells[2] for cells in rows(NOTE.read_text().partition(HEAD)[0])}
    assert [told[name] for name in SEVERITIES] == [str(ERRORS), str(WARNINGS), "0", "0", "0"]
