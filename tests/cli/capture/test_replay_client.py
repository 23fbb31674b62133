"""Our client repeats what the app did in a capture, in its order, and talks to the replay only."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from captures.model import Capture
from captures.read import har
from captures.replay.server import info_of
from captures.scrub.http import scrub
from cli.capture.replay_client import (
    LACKING_S,
    NPSSO,
    QUIET_S,
    ReplayStep,
    environment,
    step_ends_at,
    steps,
    urls,
)
from cli.shared.failures import CommandError
from common.requests import CreateParty, JoinParty, LeaveParty, SignIn
from tests.captures.planted import entry
from tests.captures.planted import har as har_of

PARTIES = "https://m.np.playstation.com/api/sessionManager/v2/partySessions"
SESSION = "4b7e91d2-08c5-4a36-9f1b-c3d75e208a64"
INFO = info_of("http://127.0.0.1:9")
TOKEN = entry(url="https://ca.account.sony.com/api/authz/v3/oauth/token", body="grant_type=authorization_code")
JOIN = entry(url=f"{PARTIES}/{SESSION}/members", body="{}")
LEAVE = entry(method="DELETE", url=f"{PARTIES}/{SESSION}/members/me")
CREATE = entry(url=PARTIES, body="{}")


def capture(*entries) -> Capture:
    timed = [{**one, "startedDateTime": f"2026-11-26T10:{n:02}:00Z"} for n, one in enumerate(entries)]
    return scrub(har.read(har_of(timed))[0], "har")


def test_calls_become_requests_in_their_order_each_kind_once():
    app = capture(TOKEN, CREATE, JOIN, LEAVE, LEAVE)
    found = steps(app, INFO)
    assert [type(one.request) for one in found] == [SignIn, CreateParty, JoinParty, LeaveParty]
    assert found[2].request.target in {exchange.values[0] for exchange in app.exchanges if exchange.values}
    began = [exchange.at for exchange in app.exchanges]
    assert [one.until for one in found] == [*began[1:4], math.inf]


def test_a_sign_in_comes_first_wherever_it_is():
    app = capture(JOIN, TOKEN)
    first, then = steps(app, INFO)
    assert first == ReplayStep(SignIn(pasted=NPSSO), app.exchanges[0].at)
    assert isinstance(then.request, JoinParty)


def test_a_step_waits_for_a_message_that_is_due_and_for_calls_that_the_app_made():
    assert step_ends_at(100.0, 0.0, lacking=False) == 100.0 + QUIET_S
    assert step_ends_at(100.0, 103.0, lacking=False) == 103.0 + QUIET_S
    assert step_ends_at(100.0, 0.0, lacking=True) == 100.0 + LACKING_S
    assert step_ends_at(100.0, 120.0, lacking=True) == 120.0 + QUIET_S


def test_without_a_sign_in_there_is_nothing_to_repeat():
    with pytest.raises(CommandError, match="no sign-in"):
        steps(capture(JOIN), INFO)


def test_the_workers_get_the_replays_addresses_and_nothing_of_the_users(monkeypatch):
    monkeypatch.setenv("PARTYLINE_PSN__COUNTRY", "DE")
    monkeypatch.setenv("SUPERVISOR_ENABLED", "1")
    found = environment(Path("/tmp/home"), INFO)
    ours = {name: value for name, value in found.items() if name.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    assert "PARTYLINE_PSN__COUNTRY" not in ours
    assert "SUPERVISOR_ENABLED" not in ours
    assert urls(INFO).items() <= ours.items()
    assert all("127.0.0.1:9" in url for url in urls(INFO).values())
    assert ours["PARTYLINE_HOME"] == "/tmp/home"
