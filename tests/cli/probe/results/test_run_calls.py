"""The calls of a run: how many in the busiest quarter of an hour, and of which step each is."""

from __future__ import annotations

from cli.probe.results.run_calls import RunCallLog, busiest, shown
from common.psn.http.trace import CallTrace, Traced


def call(at, path, **more):
    return Traced(at=at, method="POST", host="mobile", path=path, status=200, **more)


def test_calls_are_counted_over_15_minutes_without_what_must_be_tried():
    made = [call(float(at), "/api/x") for at in (0, 10, 899, 901, 2000)]
    made += [call(5.0, "/api/sessionManager/v2/partySessions/{session_id}/customMessage")] * 40
    made += [call(6.0, "/api/rtcBridge/v1/bridges/{bridge_id}/peers")] * 5
    assert busiest(made) == 3
    assert busiest(made, trying=True) == 48
    assert busiest([]) == 0


def test_each_call_belongs_to_the_step_in_which_it_was_made_and_earlier_ones_to_none(tmp_path):
    file = tmp_path / "trace.jsonl"
    trace = CallTrace(file)
    trace.add(call(99.0, "/before"))
    log = RunCallLog(file, 100.0)
    trace.add(call(101.0, "/a"))
    assert [one.path for one in log.collect("one")] == ["/a"]
    trace.add(call(102.5, "/b"))
    assert [one.path for one in log.collect("two")] == ["/b"]
    assert log.collect("three") == []
    assert [(one.step, one.at, one.call) for one in log.records()] == [
        ("one", 1.0, "POST mobile:/a"),
        ("two", 2.5, "POST mobile:/b"),
    ]


def test_a_call_is_shown_with_the_reply_and_its_reference():
    refused = call(1.0, "/a", ms=12, message="No.", code=7, reference_id="r-1")
    assert shown(refused) == "POST mobile:/a → 200 in 12 ms  No. (code 7) reference r-1"
