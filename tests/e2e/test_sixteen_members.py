"""A full party: fifteen others speak at once, and every one of them is heard."""

from __future__ import annotations

import json

import pytest

from common.messages import MixerState, PeerState
from tests.e2e.sixteen import CONSOLES, full_party
from tests.support.waiting import eventually

pytestmark = pytest.mark.realtime


def test_in_a_full_party_everybody_is_heard_and_shown() -> None:
    with full_party() as party:
        peers = {console["peer"] for console in party.control.get("state")["consoles"]}
        assert len(peers) == CONSOLES
        assert set(party.join().heard_s) == peers

        def in_the_mix() -> bool:
            mixer = party.pipeline.state().one(MixerState)
            return mixer is not None and {talker.peer for talker in mixer.talkers if talker.frames > 0} == peers

        eventually(in_the_mix, "all of them sound in the mix", every_s=0.2)

        def told() -> list[PeerState]:
            states = party.pipeline.state().all(PeerState)  # each tells of itself once a second
            return states if {state.key() for state in states if state.heard_s > 0} == peers else []

        states = eventually(told, "every connection tells that it was heard", every_s=0.2)
        assert {state.way for state in states} == {"own"}
        status = json.loads(party.pipeline.partyline("status", "--json").stdout)
        assert len(status["party"]["members"]) == CONSOLES + 1
        assert party.control.get("violations") == []
