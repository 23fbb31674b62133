"""What `partyline trace` shows of the calls that were made."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.files.paths import Paths
from common.psn import errors
from common.psn.http import trace
from common.psn.http.client import Call, PsnClient
from common.psn.http.trace import CallTrace, Traced, decoded, former, read
from common.psn.known import template_of
from tests.common.psn.http.server import Tokens, json_answer, scripted, settings, source

BRIDGES = "/api/rtcBridge/v1/bridges"
MANAGER = "/api/sessionManager/v2"
SESSION = "5a3d9c1e-7b42-4f60-9a8e-2c6b1d0f4e75"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"{MANAGER}/partySessions/{SESSION}/members/me", f"{MANAGER}/partySessions/{{session_id}}/members/me"),
        ("/api/sessionManager/v2/partySessions?view=v3", "/api/sessionManager/v2/partySessions"),
        (f"{MANAGER}/sys/gameBase/parties/bulkGet?limit=11", f"{MANAGER}/sys/gameBase/parties/bulkGet"),
        ("/api/cpss/v1/partyInfo/-s_A1b2C3d4E5f6G7h8I9j0?country=US", "/api/cpss/v1/partyInfo/{cpss_id}"),
        ("/userProfile/v1/users/NovaKite/profile2?fields=a", "/userProfile/v1/users/{online_id}/profile2"),
        ("/api/userProfile/v1/internal/users/profiles?accountIds=1,2", "/api/userProfile/v1/internal/users/profiles"),
        (f"{BRIDGES}/ab-1/peers/cd-2/answer", f"{BRIDGES}/{{bridge_id}}/peers/{{peer_id}}/answer"),
        ("/api/newThing/v9/users/NovaKite/partySessions", "/api/{}/{}/users/{}/partySessions"),
        ("/api/authz/v3/oauth/authorize?code=v3.secret", "/api/authz/v3/oauth/authorize"),
    ],
)  # fmt: skip
def test_paths_are_shown_without_ids_and_queries(path: str, shown: str) -> None:
    assert template_of(path) == shown


def test_a_refused_frame_is_shown_taken_apart_without_passwords_and_addresses(wire) -> None:
    body = json.loads(wire("custom-message-offer.request.json"))
    shown = decoded(body)
    assert shown["channel"] == "miranda:12"
    assert shown["to"] == body["to"]
    assert len(bytes.fromhex(shown["header"])) == 44
    assert shown["prefix"] == "1/1/1"
    assert shown["json"]["type"] == "offer"
    sdp = "\n".join(shown["json"]["sdp"])
    assert "a=ice-pwd:[hidden]" in sdp
    assert "opus/16000" in sdp
    assert "[address]" in sdp
    original = json.loads(base64.b64decode(body["payload"].rpartition("body=")[2])[44:].partition(b"\n")[2])["sdp"]
    for line in original.splitlines():
        if line.startswith("a=ice-pwd:"):
            assert line.partition(":")[2] not in json.dumps(shown)
        if line.startswith("a=candidate:"):
            assert line.split()[4] not in sdp
    assert body["payload"][60:] not in json.dumps(shown)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)), st.text())
def test_no_body_breaks_the_trace(body, payload: str) -> None:
    for tried in (body, {"payload": body}, {"payload": payload}, {"payload": f"ver=1.0, type=binary, body={payload}"}):
        assert isinstance(decoded(tried), dict)


def test_the_trace_stays_bounded_and_keeps_the_latest(home: Path) -> None:
    file = Paths(home).trace_file
    made = CallTrace(file)
    for number in range(1500):
        made.add(Traced(at=number, method="GET", host="mobile", path="/x", message="m" * 450))
    assert file.stat().st_size + former(file).stat().st_size < 3 * trace.LIMIT_BYTES
    kept = [call.at for call in read(file)]
    assert kept == sorted(kept)
    assert kept[-1] == 1499
    assert 400 < len(kept) < 1500
    assert file.stat().st_mode & 0o777 == 0o600


def test_half_a_line_is_left_out_and_a_missing_folder_costs_nothing_else(home: Path) -> None:
    file = Paths(home).trace_file
    CallTrace(file).add(Traced(at=1, method="GET", host="mobile", path="/x"))
    with file.open("ab") as broken:
        broken.write(b'{"at": 2, "meth\n\xff\xff\n')
    assert [call.at for call in read(file)] == [1]
    nowhere = home / "no" / "trace.jsonl"
    CallTrace(nowhere).add(Traced(at=1, method="GET", host="mobile", path="/x"))
    assert list(read(nowhere)) == []


async def test_the_command_shows_what_was_answered_and_no_token(home: Path, wire) -> None:
    body = json.loads(wire("custom-message-offer.request.json"))
    async with scripted() as fake:
        made = settings(fake.url, retries=1, native_headers="bare")
        client = PsnClient(made.psn, source(made, home), Tokens())
        refusal = {"error": {"code": 2265216, "message": "Bad Request (body: null)", "referenceId": "0a0b"}}
        fake.script(json_answer(200, {}), json_answer(503, {}), json_answer(400, refusal))
        await client.call(Call("GET", "mobile", "/api/thing?secret=1"))
        with pytest.raises(errors.ServerFaultError):
            await client.call(Call("GET", "mobile", "/api/thing"))
        path = f"{MANAGER}/partySessions/{SESSION}/customMessage"
        with pytest.raises(errors.RefusedError):
            await client.call(Call("POST", "mobile", path, body))
        await client.close()
    shown = partyline(home, "--json")
    calls = json.loads(shown)
    assert [call.get("status") for call in calls] == [200, 503, 400]
    assert calls[2]["path"] == "/api/sessionManager/v2/partySessions/{session_id}/customMessage"
    assert (calls[2]["code"], calls[2]["reference_id"]) == (2265216, "0a0b")
    assert calls[2]["sent"]["json"]["type"] == "offer"
    text = partyline(home)
    for words in (
        "Bad Request (body: null) (code 2265216) reference 0a0b",
        "GET mobile:/api/{}",
        "a=ice-pwd:[hidden]",
    ):
        assert words in text
    for secret in ("token-1", "secret=1", SESSION):
        assert secret not in shown + text
    assert json.loads(partyline(home, "--json", "--refused", "--last", "1")) == calls[2:]


def test_a_home_without_calls_says_so(home: Path) -> None:
    assert partyline(home).strip() == "No call has been made yet."
    assert partyline(home, "--json").strip() == "[]"


def partyline(home: Path, *words: str) -> str:
    environment = {**os.environ, "PARTYLINE_HOME": str(home)}
    done = subprocess.run(  # noqa: PLW1510  # the output says more than an exception would
        [sys.executable, "-m", "cli", "trace", *words], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
