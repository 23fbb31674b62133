"""A leave counts as confirmed only by the server's own reply, or when there was nothing to leave."""

from __future__ import annotations

import pytest

from common.errors import BusUnreachableError
from common.requests import LeaveParty
from tests.cli.probe.steps.fakes import Rig


async def test_without_a_party_nothing_is_left(tmp_path):
    rig = Rig(tmp_path)
    assert not await rig.party.leave()
    assert rig.party.left is None
    assert rig.bus.asked == []


@pytest.mark.parametrize(("status", "left"), [(204, True), (404, True), (403, False), (503, False)])
async def test_the_reply_in_the_trace_decides(tmp_path, status, left):
    rig = Rig(tmp_path, status=status)
    rig.enter()
    await rig.party.leave()
    assert (rig.party.left, rig.party.is_in) == (left, not left)


async def test_a_leave_that_failed_can_be_repeated(tmp_path, monkeypatch):
    rig = Rig(tmp_path)
    rig.enter()

    async def unreachable(*_):
        raise BusUnreachableError("The session worker does not answer.", "Try again.")

    with monkeypatch.context() as patched:
        patched.setattr(rig.bus, "request", unreachable)
        assert await rig.party.leave() == "The session worker does not answer."
    assert (rig.party.left, rig.party.is_in) == (False, True)
    assert not await rig.party.leave()
    assert rig.party.left is True
    assert rig.bus.asked == [LeaveParty()]
