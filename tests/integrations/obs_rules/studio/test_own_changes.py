"""Which scene we chose ourselves, and which somebody chose by hand."""

from __future__ import annotations

from integrations.obs_rules.rules.model import PREVIEW, PROGRAM
from integrations.obs_rules.studio.own_changes import OwnChanges


def test_what_we_choose_is_ours_once() -> None:
    own = OwnChanges()
    assert not own.is_own(PROGRAM, "A", 0.0)
    own.expect(PROGRAM, "A", 0.0)
    assert not own.is_own(PROGRAM, "B", 1.0)
    assert not own.is_own(PREVIEW, "A", 1.0)
    assert own.is_own(PROGRAM, "A", 1.0)
    assert not own.is_own(PROGRAM, "A", 1.0)


def test_it_is_expected_for_a_while_only() -> None:
    own = OwnChanges()
    own.expect(PROGRAM, "A", 5.0)
    assert not own.is_own(PROGRAM, "A", 15.0)
    own.expect(PROGRAM, "A", 5.0)
    assert own.is_own(PROGRAM, "A", 14.9)


def test_a_later_one_overtakes_earlier_ones_of_its_kind() -> None:
    own = OwnChanges()
    for slot, scene in ((PROGRAM, "A"), (PREVIEW, "P"), (PROGRAM, "B"), (PROGRAM, "C")):
        own.expect(slot, scene, 0.0)
    assert own.is_own(PROGRAM, "B", 1.0)
    assert not own.is_own(PROGRAM, "A", 1.0)
    assert own.is_own(PREVIEW, "P", 1.0)
    assert own.is_own(PROGRAM, "C", 1.0)
