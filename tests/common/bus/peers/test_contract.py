"""Which of two machines must be updated, if any."""

from __future__ import annotations

import pytest

from common.bus.peers.contract import GateAbout, understanding


@pytest.mark.parametrize(("theirs", "verdict"), [
    (GateAbout(version="1.0", contract=3, oldest=2), "same"),
    (GateAbout(version="1.1", contract=3, oldest=3), "differs"),
    (GateAbout(contract=3, oldest=1), "differs"),
    (GateAbout(version="1.1", contract=4, oldest=3), "differs"),
    (GateAbout(version="2.0", contract=4, oldest=4), "update here"),
    (GateAbout(version="0.9", contract=2, oldest=1), "differs"),
    (GateAbout(version="0.8", contract=1, oldest=1), "update there"),
])  # fmt: skip
def test_the_one_that_is_not_understood_is_updated(theirs: GateAbout, verdict: str) -> None:
    assert understanding(theirs, "1.0", contract=3, oldest=2) == verdict
