"""The bridge is a talker of its own kind: a gate before its mix, and an end that a refusal brings."""

from __future__ import annotations

import numpy as np
import pytest

from common.messages import BRIDGE, FRAME_SAMPLES, Member, SignalRefused
from tests.workers.media.peers.services import FakeServices
from workers.media.bridge.mix_detection import LAG_NS
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.receive.path import VoiceFrame
from workers.media.talkers.bridge_talker import BridgeTalker
from workers.media.talkers.talker import Talker

TICK_NS = 10_000_000


class Sounding:
    """A receive path that always has a voice."""

    def pull(self, _due_ns: int) -> VoiceFrame:
        return VoiceFrame(np.full(FRAME_SAMPLES, 1000, np.int16), sounding=True)


async def pair() -> tuple[Talker, BridgeTalker]:
    services = FakeServices()
    member = Member(account_id="1", platform="PS5")
    talkers = [
        kind(who, Negotiation(Timeouts(), wins_glare=False, offer_at=0), services)
        for kind, who in ((Talker, member), (BridgeTalker, BRIDGE))
    ]
    for talker in talkers:
        talker.voice.path = Sounding()
    return talkers[0], talkers[1]


def heard(talker: Talker, due_ns: int) -> bool:
    found = talker.tick(0, due_ns, "b")
    assert found is not None
    assert found[0].peer == talker.member.peer
    return found[0].sounding and bool(found[1])


async def test_the_bridge_is_heard_only_where_it_is_needed_and_gives_way_to_a_members_own_voice() -> None:
    own, bridge = await pair()
    gate = bridge._services.bridge_gate
    assert not heard(bridge, TICK_NS)
    gate.set_needed(needed=True)
    assert heard(bridge, 2 * TICK_NS)
    assert heard(own, 3 * TICK_NS), "a member's own voice passes no gate"
    heard(bridge, 3 * TICK_NS)  # fades out
    assert not heard(bridge, 4 * TICK_NS)
    assert heard(bridge, 3 * TICK_NS + LAG_NS)


@pytest.mark.parametrize(
    ("kind", "final", "ends"), [("offer", True, True), ("offer", False, False), ("answer", True, False)]
)
async def test_a_final_refusal_of_our_wish_ends_the_bridge_and_no_member(kind: str, final: bool, ends: bool) -> None:
    own, bridge = await pair()
    said = SignalRefused(account_id="1", platform="x", kind=kind, sequence=1, message="no", final=final)
    assert (bridge.ends_with(said), own.ends_with(said)) == (ends, False)
    assert (bridge.is_member, own.is_member) == (False, True)
    assert bridge.rtp_clock == 0
