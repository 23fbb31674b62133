"""The folder can be attached to a bug report as it is: nothing of what was planted is in it."""

from __future__ import annotations

import pytest

from captures import folder as captures
from captures.model import Capture
from captures.scrub.verify import verify
from cli.probe.observe.observations import Numbers, Shows
from cli.probe.results import run_folder
from cli.probe.results.findings import settle
from cli.probe.results.run_record import CallRecord, RunRecord, StepRecord, Versions
from common.messages import PushEvent
from common.psn.http.trace import Traced
from common.psn.party.push import PREFIX
from tests.captures.planted import SECRETS, forms, payload, sdp, unfolded


def record(said=""):
    seen = [Shows(step="voice", name="rtp.clock", value="16000"), Numbers(step="offers", who="A", counters=(0, 1))]
    steps = [StepRecord(name="create", group="own party", title="5. A party", state="failed", at=1.0, took=2.0)]
    return RunRecord(
        date="2026-11-28",
        versions=Versions(partyline="1", python="3.11.7", system="Darwin 25.1.0 arm64", libraries={"aiortc": "1.14.0"}),
        steps=tuple(StepRecord(**{**_fields(one), "said": said, "code": "psn.refused"}) for one in steps),
        calls=(
            CallRecord(step="create", at=1.5, call="POST mobile:/api/x", status=403, ms=12, code=2281601, said=said),
        ),
        observed=tuple(seen),
        findings=tuple(settle(seen)),
    )


def _fields(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def events(secret):
    """Push events with a secret in every place in which one can come."""
    message = {"type": "offer", "from": {"account_id": secret}, "sdp": sdp(secret)}
    data = {
        "sessionId": secret,
        "novel": secret,
        "members": [{"accountId": secret, "onlineId": secret, "customData4": secret, "customProperties": {secret: 1}}],
        "customMessage": {"channel": "miranda:12", "payload": payload(message)},
    }
    return [
        (2.0, PushEvent(epoch="e", number=1, data_type=f"{PREFIX}v2:ps:members:created", data=data)),
        (3.0, PushEvent(epoch="e", number=2, data_type=secret, contexts=((secret, 1),), data=data)),
    ]


def calls(secret):
    path = "/api/sessionManager/v2/partySessions/{session_id}/customMessage"
    return [
        Traced(at=1.0, method="GET", host="push", path="/np/serveraddr", status=200, ms=5),
        Traced(
            at=2.0, method="POST", host="mobile", path=path, status=400, ms=9, code=1, reference_id=secret,
            message=f"User {secret} is not allowed", sent={"to": [{"accountId": secret}], "json": {"sdp": [secret]}},
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", SECRETS)
def test_nothing_planted_is_in_the_folder(tmp_path, kind):
    secret = SECRETS[kind]
    place = tmp_path / "probe"
    leaks = run_folder.keep(place, record(f"User {secret} is not allowed"), calls(secret), events(secret), Capture())
    assert leaks == []
    assert verify(place) == []
    text = "\n".join(form for file in place.iterdir() for form in unfolded(file.read_text("utf-8")))
    assert [form for form in forms(secret) if len(form) > 5 and form in text] == []
    assert all(file.stat().st_mode & 0o077 == 0 for file in place.iterdir())


def test_what_was_slipped_into_a_page_is_found(tmp_path):
    place = tmp_path / "probe"
    run_folder.keep(place, record(), calls("x"), [], Capture())
    (place / "probe.md").write_text(f"see {SECRETS['session id']}")
    assert verify(place)


def test_a_run_is_read_again_and_goes_on_where_it_was(tmp_path):
    place = tmp_path / "probe"
    run_folder.keep(place, record(), calls("x"), events("y"), Capture())
    before, damage = captures.read(place)
    assert not damage
    assert run_folder.read(place).findings == record().findings
    run_folder.keep(place, record(), calls("z"), [], before)
    after, _ = captures.read(place)
    assert len(after.exchanges) == len(before.exchanges) + 2
    assert [one.n for one in after.exchanges] == list(range(len(after.exchanges)))
    assert verify(place) == []


def test_a_folder_that_is_none_is_said_in_two_lines(tmp_path):
    with pytest.raises(run_folder.FolderError) as error:
        run_folder.read(tmp_path)
    assert error.value.remedy
