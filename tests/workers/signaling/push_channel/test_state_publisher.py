from __future__ import annotations

import time

import pytest

from common.basic.clock import boot_s
from tests.workers.signaling.push_channel.push_server import Ear
from workers.signaling.loss import Loss
from workers.signaling.push_channel.state_publisher import StatePublisher


@pytest.fixture
def ear() -> Ear:
    return Ear()


def test_each_connection_has_an_epoch_of_its_own(ear: Ear) -> None:
    states = StatePublisher(ear)
    for _ in range(2):
        states.publish_connected("h", "3.0", 6, answered=True)
    assert len(ear.epochs) == 2
    assert ear.states[-1].since == pytest.approx(time.time(), abs=5)


def test_a_keep_alive_type_is_published_once_and_within_the_same_epoch(ear: Ear) -> None:
    states = StatePublisher(ear)
    states.publish_connected("h", "3.0", 6, answered=None)
    for kind in (6, 3, 3):
        states.publish_kind(kind)
    assert [state.keep_alive_type for state in ear.states] == [6, 3]
    assert len(ear.epochs) == 1


def test_a_delay_keeps_the_reason_and_moves_the_next_try(ear: Ear) -> None:
    states = StatePublisher(ear)
    loss = Loss(boot_s() - 10, 30.0)
    states.publish_away("It broke.", loss)
    states.publish_delay(loss, boot_s() + 100)
    assert [state.detail for state in ear.states] == ["It broke."] * 2
    assert ear.states[0].next_try_at == 0.0
    assert ear.states[1].next_try_at == pytest.approx(time.time() + 100, abs=5)
    assert ear.states[1].since == pytest.approx(time.time() - 10, abs=5)


def test_that_we_count_as_gone_is_published_once_and_never_while_connected(ear: Ear) -> None:
    states = StatePublisher(ear)
    late = Loss(boot_s() - 100, 30.0)
    states.publish_away("It broke.", Loss(boot_s(), 30.0))
    states.publish_if_gone(Loss(boot_s(), 30.0))
    assert len(ear.states) == 1
    for _ in range(2):
        states.publish_if_gone(late)
    assert [state.counts_as_gone for state in ear.states] == [False, True]
    states.publish_connected("h", "3.0", 6, answered=True)
    states.publish_if_gone(late)
    assert len(ear.states) == 3


def test_a_failure_is_reported_as_a_sentence(ear: Ear) -> None:
    StatePublisher(ear).report_failure("The server refused it.")
    assert ear.troubles == ["The push channel cannot be opened: The server refused it."]
