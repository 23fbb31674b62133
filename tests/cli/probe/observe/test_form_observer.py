"""Which form of our messages a member understands."""

from __future__ import annotations

from cli.probe.observe.evidence import Evidence
from cli.probe.observe.observations import Unfit, Works
from common.messages import SignalRefused, Trying
from tests.cli.probe.observe.messages import ANSWER, SMALL, party, signal, state, take


def test_the_form_that_led_to_a_connection_works_and_what_was_tried_before_was_lost():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))), (1.0, Trying(shared={"customdata4.place-1": "empty"})))
    seen = take(
        evidence,
        (2.0, signal(SMALL, "out", sequence=1, frame__line="1/1/1")),
        (8.0, signal(SMALL, "out", sequence=2, frame__line="2/1/1")),
        (8.4, signal(SMALL, "in", "answer", sequence=2, sdp=ANSWER)),
        (9.0, state(SMALL, packets=0)),
        (9.5, state(SMALL)),
    )
    worked = next(one for one in seen if isinstance(one, Works))
    assert worked.form == {"customdata4.place-1": "empty", "frame.line": "2/1/1", "sdp.ssrc": "as-captured"}
    assert [one.how for one in seen if isinstance(one, Unfit)] == ["ignored"]


def test_a_refused_form_is_told_as_refused():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    refusal = SignalRefused(
        account_id="30", platform="PS5", kind="answer", sequence=1, message="Bad Request", final=True
    )
    seen = take(
        evidence,
        (2.0, signal(SMALL, "out", "answer", sdp=ANSWER, frame__line="1/1/1")),
        (2.2, refusal),
        (8.0, signal(SMALL, "out", "answer", sequence=2, sdp=ANSWER, frame__line="2/1/1")),
        (9.0, state(SMALL)),
    )
    assert [one.how for one in seen if isinstance(one, Unfit)] == ["refused"]


def test_the_same_form_again_was_not_unfit():
    evidence = Evidence()
    seen = take(
        evidence,
        (1.0, party((SMALL, 2))),
        (2.0, signal(SMALL, "out", sequence=1)),
        (8.0, signal(SMALL, "out", sequence=2)),
        (8.4, signal(SMALL, "in", "answer", sequence=2, sdp=ANSWER)),
        (9.5, state(SMALL)),
    )
    assert [one for one in seen if isinstance(one, Unfit)] == []


def test_the_first_message_of_a_run_says_nothing_of_numbers():
    evidence = Evidence()
    form = {"frame__offset_8": "one", "frame__line": "1/1/1"}
    take(evidence, (1.0, party((SMALL, 2))), (2.0, signal(SMALL, "out", "answer", sdp=ANSWER, **form)))
    (first,) = [one for one in take(evidence, (3.0, state(SMALL))) if isinstance(one, Works)]
    assert "frame.offset-8" not in first.form
    take(evidence, (4.0, party()), (5.0, party((SMALL, 3))), (6.0, signal(SMALL, "out", "answer", sdp=ANSWER, **form)))
    (second,) = [one for one in take(evidence, (7.0, state(SMALL))) if isinstance(one, Works)]
    assert second.form["frame.offset-8"] == "one"


def test_an_offers_form_says_nothing_of_the_clock_of_answers():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))), (2.0, signal(SMALL, "out", sdp__answer_clock="48000")))
    seen = take(evidence, (3.0, signal(SMALL, "in", "answer", sdp=ANSWER)), (4.0, state(SMALL)))
    assert "sdp.answer-clock" not in next(one for one in seen if isinstance(one, Works)).form
