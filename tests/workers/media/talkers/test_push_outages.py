"""Whether an answer may have been lost with the push channel."""

from __future__ import annotations

from common.messages import PushState
from workers.media.talkers.push_outages import PushOutages


def test_an_answer_may_have_been_lost_while_the_push_channel_was_away_and_only_then() -> None:
    outages = PushOutages()
    assert not outages.may_have_missed(0.0)
    outages.on_push_state(PushState(connected=False), 10.0)
    assert outages.may_have_missed(9.0)
    assert outages.may_have_missed(11.0)
    outages.on_push_state(PushState(connected=True), 20.0)
    outages.on_push_state(PushState(connected=True), 30.0)
    assert outages.may_have_missed(19.0)
    assert not outages.may_have_missed(21.0)


def test_an_answer_may_have_been_lost_while_this_machine_slept() -> None:
    outages = PushOutages()
    outages.on_push_state(PushState(connected=True), 1.0)
    outages.on_wake(20.0)
    assert outages.may_have_missed(19.0)
    assert not outages.may_have_missed(21.0)
