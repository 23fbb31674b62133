"""What of an evening a capture has seen already, and what is missing."""

from __future__ import annotations

import pytest

from captures.model import CapturedFrame, Exchange
from captures.tell.checklist import STEPS, Checklist

PARTIES = "/api/sessionManager/v2/partySessions"


def call(method: str, path: str, status: int = 200, *, host: str = "m.np.playstation.com", at: float = 1.0) -> Exchange:
    return Exchange(n=1, at=at, took=0.5, method=method, host=host, path=path, status=status)


def test_each_step_is_proved_once_by_its_first_successful_call() -> None:
    checklist = Checklist()
    step = checklist.take(call("POST", PARTIES, at=3.0))
    assert step is not None
    assert step.name == "join"
    assert checklist.take(call("POST", f"{PARTIES}/abc/members", at=9.0)) is None
    assert checklist.seen == {"join": 3.5}
    assert [step.name for step in checklist.missing] == [step.name for step in STEPS if step.name != "join"]


@pytest.mark.parametrize(("status", "proves"), [(0, False), (199, False), (200, True), (399, True), (400, False)])
def test_a_call_that_failed_proves_nothing(status: int, proves: bool) -> None:
    assert (Checklist().take(call("GET", PARTIES, status)) is not None) is proves


def test_messages_of_the_push_channel_are_counted_and_prove_nothing() -> None:
    checklist = Checklist()
    for _ in range(3):
        assert checklist.take(CapturedFrame(exchange=1, at=0.0, sender="server")) is None
    assert checklist.push_messages == 3
    assert len(checklist.missing) == len(STEPS)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", f"{PARTIES}/abc/customMessage", "voice"),
        ("POST", "/api/rtcBridge/v1/bridges/b/peers/p/answer", "voice"),
        ("DELETE", f"{PARTIES}/abc/members/me", "leave"),
        ("POST", "/api/sessionManager/v2/sys/gameBase/parties/bulkGet", "open parties"),
    ],
)
def test_a_step_may_be_proved_by_any_of_its_calls(method: str, path: str, name: str) -> None:
    step = Checklist().take(call(method, path))
    assert step is not None
    assert step.name == name


def test_another_call_proves_nothing() -> None:
    assert Checklist().take(call("DELETE", f"{PARTIES}/abc/members/123")) is None
    assert Checklist().take(call("POST", "/api/rtcBridge/v1/bridges")) is None
