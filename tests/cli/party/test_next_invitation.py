"""Whose invitation is accepted."""

from __future__ import annotations

import pytest

from cli.party.next_invitation import is_from
from common.messages import Invitation

FROM_BO = Invitation(session_id="s", from_online_id="Bo-Streams", from_account_id="22")


@pytest.mark.parametrize("wanted", ["Bo-Streams", "bo-streams", "22"])
def test_the_inviter_is_known_by_online_id_or_account_id(wanted):
    assert is_from(FROM_BO, wanted)


@pytest.mark.parametrize("wanted", ["Bo", "2", "Cleo_99"])
def test_another_name_or_a_part_of_one_is_somebody_else(wanted):
    assert not is_from(FROM_BO, wanted)


def test_an_invitation_without_a_name_is_from_nobody():
    assert not is_from(Invitation(session_id="s"), "Bo-Streams")
