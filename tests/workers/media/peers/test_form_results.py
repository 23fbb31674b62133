"""What becomes of a connection is a result for the form that it was made with."""

from __future__ import annotations

import time

import pytest

from common.messages import PushState
from tests.workers.media.peers.services import FakeServices
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import SILENT_S, Timeouts
from workers.media.peers.form_results import FormResults

ANN = "1.PS5"


class Rig:
    def __init__(self) -> None:
        self.services = FakeServices()
        self.services.ladder.on_joined(ANN)
        self.negotiation = Negotiation(Timeouts(), wins_glare=True, offer_at=0.0)
        self.results = FormResults(ANN, self.negotiation, self.services)

    @property
    def failed(self) -> bool:
        """Whether the ladder counts a failure."""
        return bool(self.services.ladder.words(ANN))


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize("role", ["offer", "answer"])
def test_one_that_never_came_up_is_a_failure_of_its_form(rig: Rig, role: str) -> None:
    attempt = rig.results.begin(1, role)  # type: ignore[arg-type]
    assert rig.results.on_ended(1) is attempt
    assert rig.failed
    assert rig.results.on_ended(1) is None


@pytest.mark.parametrize(("role", "failed"), [("offer", False), ("answer", True)])
def test_an_offer_whose_answer_may_be_lost_is_no_failure(rig: Rig, role: str, failed: bool) -> None:
    rig.results.begin(1, role)  # type: ignore[arg-type]
    rig.services.push_outages.on_push_state(PushState(connected=False), time.monotonic())
    rig.results.on_ended(1)
    assert rig.failed is failed


def test_the_first_packet_is_a_success_and_a_new_recipe_is_stored_once(rig: Rig) -> None:
    rig.results.begin(1, "offer")
    rig.results.on_rtp(1)
    rig.results.on_rtp(1)
    rig.results.on_rtp(7)
    assert rig.services.stored == 1
    assert [worked.platform for worked in rig.services.ladder.worked] == ["PS5"]


def test_one_that_was_up_and_ends_is_no_failure(rig: Rig) -> None:
    rig.results.begin(1, "offer")
    rig.results.on_up(1)
    rig.results.on_ended(1)
    assert not rig.failed


def test_while_another_one_is_up_or_after_leaving_nothing_is_judged(rig: Rig) -> None:
    rig.negotiation.on_offer(1, "theirs", 0.0)
    rig.negotiation.on_up(1, 0.1)
    rig.results.begin(2, "offer")
    rig.results.on_ended(2)
    assert not rig.failed
    rig.negotiation.leave(1.0)
    rig.results.begin(3, "offer")
    rig.results.on_ended(3)
    assert not rig.failed


@pytest.mark.parametrize("heard", [True, False])
def test_a_silent_connection_is_a_failure_when_another_one_is_made_beside_it(rig: Rig, heard: bool) -> None:
    rig.negotiation.on_offer(1, "theirs", 0.0)
    rig.results.begin(1, "answer")
    rig.negotiation.on_up(1, 0.1)
    rig.results.on_up(1)
    if heard:
        rig.results.on_rtp(1)
    rig.negotiation.poll(0.1 + SILENT_S)
    rig.results.begin(2, "offer")
    assert rig.failed is not heard
