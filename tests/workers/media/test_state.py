"""What is published of a talker."""

from __future__ import annotations

from common.messages import Member
from tests.workers.media.receive.playing import new_path
from workers.media.guard.diagnosis import ConnectionFacts, diagnose
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import SILENT_S, Timeouts
from workers.media.state import connection_fields, peer_state

ANN = Member(account_id="1", platform="PS5", online_id="ann")
WHY = diagnose(ConnectionFacts(ours=True, seconds={"described": 0.1, "ended": 9.0}))


def negotiation() -> Negotiation:
    return Negotiation(Timeouts(), wins_glare=True, offer_at=0.0)


def test_why_the_latest_try_failed_is_told_until_a_connection_is_up() -> None:
    deal = negotiation()
    deal.on_offer(1, "theirs", 0.0)
    fields = connection_fields(ANN, deal, WHY, "none")
    assert fields["detail"] == f"answered: connecting (last try: {WHY.sentence})"
    deal.on_ended(1, WHY.sentence, 1.0)
    fields = connection_fields(ANN, deal, WHY, "none")
    assert (fields["detail"], fields["trouble"], fields["attempts"]) == (WHY.sentence, "no-connection", 1)
    deal.on_offer(2, "theirs", 2.0)
    deal.on_up(2, 2.5)
    assert connection_fields(ANN, deal, WHY, "own")["detail"] == ""


def test_a_connection_without_sound_is_a_trouble() -> None:
    deal = negotiation()
    deal.on_offer(1, "theirs", 0.0)
    deal.on_up(1, 0.0)
    deal.poll(SILENT_S)
    fields = connection_fields(ANN, deal, None, "own")
    assert (fields["connection"], fields["trouble"]) == ("connected", "silent")
    deal.record_media(1, SILENT_S, SILENT_S)
    deal.poll(SILENT_S + 1)
    assert connection_fields(ANN, deal, None, "own")["trouble"] == ""


def test_the_figures_of_the_receive_path_are_fields_of_the_state() -> None:
    figures = new_path().figures()
    state = peer_state(connection_fields(ANN, negotiation(), None, "own"), "opus/16000", figures | {"packets": 7})  # type: ignore[typeddict-item]
    assert (state.packets, state.codec, state.key()) == (7, "opus/16000", "1.PS5")
    assert peer_state(connection_fields(ANN, negotiation(), None, "own"), "", None).packets == 0
