"""One sentence is one event, however many pauses it has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.observed import ObservedMember
from integrations.webhooks.speech_spans import SpeechSpans

BO = ObservedMember("9", "PS5", "Bo")
CY = ObservedMember("8", "PS4", "Cy")


def told(spans: SpeechSpans, now: float, *speaking: ObservedMember) -> list[tuple[str, str]]:
    found = spans.update({one.name: one for one in speaking}, now, 1000 + now, "Raid")
    return [(event.type, event.data["member"]["name"]) for event in found]


def test_a_pause_within_the_hold_time_ends_nothing() -> None:
    spans = SpeechSpans(2.0)
    assert told(spans, 0, BO) == [("speech.started", "Bo")]
    assert spans.next_end() is None
    assert told(spans, 1) == []
    assert spans.next_end() == 3
    assert told(spans, 2.9, BO) == []
    assert spans.next_end() is None
    assert told(spans, 4) == []
    assert told(spans, 5.9) == []
    assert told(spans, 6) == [("speech.stopped", "Bo")]
    assert spans.next_end() is None


def test_the_silence_is_not_counted_as_speech() -> None:
    spans = SpeechSpans(2.0)
    spans.update({"Cy": CY, "Bo": BO}, 10, 1000)
    spans.update({"Cy": CY}, 13.5678, 1003.5)
    (event,) = spans.update({"Cy": CY}, 15.5678, 1005.5)
    assert event.data["seconds"] == 3.57
    assert event.words == "Bo spoke for 4 s."
    assert event.names == ("9", "Bo")


def test_two_speak_at_once() -> None:
    spans = SpeechSpans(0.0)
    assert told(spans, 0, BO, CY) == [("speech.started", "Bo"), ("speech.started", "Cy")]
    assert told(spans, 1, CY) == [("speech.stopped", "Bo")]
    assert told(spans, 2) == [("speech.stopped", "Cy")]


@given(st.lists(st.tuples(st.floats(0.01, 5), st.booleans()), max_size=40), st.floats(0, 3))
def test_begin_and_end_take_turns_and_no_two_spans_are_nearer_than_the_hold_time(
    steps: list[tuple[float, bool]], hold_s: float
) -> None:
    spans, now, found = SpeechSpans(hold_s), 0.0, []
    for step, speaks in steps:
        now += step
        while (end := spans.next_end()) is not None and end <= now and not speaks:
            found += [(event.type, end) for event in spans.update({}, end, end)]
        found += [(event.type, now) for event in spans.update({"Bo": BO} if speaks else {}, now, now)]
    kinds = [kind for kind, _ in found]
    assert kinds == [("speech.started", "speech.stopped")[place % 2] for place in range(len(kinds))]
