from __future__ import annotations

import pytest

from common.messages import Levels, Message, MixerState, MixerTalker, PartyState, Problem
from common.messages.wire import Header, Received
from tests.workers.dashboard.stage import Stage, member
from workers.dashboard.state import PageState

ME, BO, CLEO = member(0), member(1), member(2)
HEADER = Header(sender="x", boot="b", seq=1, at=0.0)


def note(state: PageState, *messages: Message) -> PageState:
    for message in messages:
        state.record(Received(topic=message.topic(), header=HEADER, message=message))
    return state


def a_party() -> PageState:
    joined = PartyState(phase="joined", session_id="secret-session", me=ME.peer, members=(ME, BO, CLEO))
    return note(PageState(), joined, Stage.peer(BO), Stage.peer(CLEO))


def test_a_lone_talker_is_played_as_loud_as_the_mix_has_him() -> None:
    quiet = MixerTalker(peer=BO.peer, gain_db=-20.0)
    state = note(a_party(), MixerState(sink="null", wanted_sink="null", where="nowhere", talkers=(quiet,)))
    assert state.heard_gain(BO.peer) == pytest.approx(0.1)
    assert state.heard_gain(CLEO.peer) == 1.0


@pytest.mark.parametrize("text", ["bo-streams", "Bo-Streams", BO.account_id, BO.peer])
def test_a_talker_is_found_by_name_account_or_key(text: str) -> None:
    assert a_party().peers_called(text) == [BO.peer]
    assert a_party().peers_called("Ava-Desk") == []
    assert a_party().peers_called("nobody") == []


def test_what_was_cleared_while_the_broker_was_away_is_forgotten_and_levels_are_not() -> None:
    problem = Problem(worker="audio", code="x", message="m", remedy="r", at=0.0)
    state = note(a_party(), problem, Levels(talkers={}, mix=-120.0))
    held = [Received(topic=topic, header=HEADER, message=m) for topic, m in state.topics().items() if m is not problem]
    assert state.replace(held) == [problem.topic()]
    assert state.one(Levels) is not None


def test_a_talker_who_is_muted_by_a_solo_has_no_gain_and_neither_has_one_who_came_since() -> None:
    talkers = (MixerTalker(peer=BO.peer, hushed=True),)
    state = note(a_party(), MixerState(sink="null", wanted_sink="null", where="nowhere", solo=True, talkers=talkers))
    assert (state.heard_gain(BO.peer), state.heard_gain(CLEO.peer)) == (0.0, 0.0)
