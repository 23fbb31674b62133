"""Held-back offers are free again whatever happens, and the window of the evidence is closed with them."""

from __future__ import annotations

import asyncio

import pytest

from cli.probe.observe.observations import OfferBehaviour
from common.errors import PartyError
from common.messages import Member, PartyState
from common.requests import HoldOffers
from tests.cli.probe.steps.fakes import Rig

PARTY = PartyState(
    phase="joined",
    session_id="s",
    me="50.MOBILE_APP",
    members=(
        Member(account_id="50", platform="MOBILE_APP", is_me=True, join_order=1),
        Member(account_id="70", platform="PS5", join_order=2),
    ),
)


async def test_our_offers_are_free_again_also_when_what_was_waited_for_fails(tmp_path):
    async def fail():
        raise PartyError("Nobody came.", "Try again.")

    rig = Rig(tmp_path)
    with pytest.raises(PartyError):
        await rig.context.hold_offers(fail, meets=True)
    holds = [one for one in rig.bus.asked if isinstance(one, HoldOffers)]
    assert (holds[0].for_s > 0, holds[0].meet, holds[-1].for_s) == (True, True, 0.0)


async def test_who_joined_meanwhile_and_did_not_offer_is_observed_at_the_end_of_the_window(tmp_path):
    rig = Rig(tmp_path)

    async def joins():
        rig.bus.publish(PARTY)

    rig.bus.listener.evidence.start_step("console joins")
    await rig.context.hold_offers(joins)
    (seen,) = rig.bus.listener.observed
    assert isinstance(seen, OfferBehaviour)
    assert (seen.step, seen.who, seen.older, seen.offered) == ("console joins", "A", False, False)


async def test_a_wait_ends_when_the_action_is_declined(tmp_path):
    declined = asyncio.Event()
    declined.set()
    assert await Rig(tmp_path).context.until(lambda: False, 60.0, declined) is None
