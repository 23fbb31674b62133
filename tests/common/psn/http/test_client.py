from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from common.psn import errors
from common.psn.http import refusals
from common.psn.http.client import Call, PsnClient, fingerprint
from common.psn.http.refusals import UNDATED_S, error_of, retry_after
from tests.common.psn.http.server import Scripted, Tokens, json_answer, scripted, settings, source

GET = Call("GET", "mobile", "/api/thing")
LIST = Call("GET", "mobile", "/api/sessionManager/v2/users/me/partySessionsInvitations")
NATIVE = (
    Call("GET", "mobile", "/api/sessionManager/v2/partySessions?view=v3"),
    Call("POST", "mobile", "/api/sessionManager/v2/partySessions/f0f1/members", {"a": 1}),
    Call("POST", "mobile", "/api/sessionManager/v2/partySessions/f0f1/customMessage", {"a": 1}),
    Call("POST", "mobile", "/api/rtcBridge/v1/bridges", {}),
)
OK = json_answer(200, {"fine": True})
REFUSED = json_answer(400, {"error": {"code": 2265216, "message": "Bad Request (body: null)"}})


@pytest.fixture
async def fake() -> AsyncIterator[Scripted]:
    async with scripted() as made:
        yield made


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
async def client(fake: Scripted, tokens: Tokens, home: Path) -> AsyncIterator[PsnClient]:
    made = settings(fake.url, retries=3, backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), tokens)
    yield client
    await client.close()


async def test_lists_carry_the_headers_of_the_apps_javascript_side(fake: Scripted, client: PsnClient) -> None:
    fake.script(OK)
    await client.call(LIST)
    await client.call(Call("POST", "mobile", "/api/sessionManager/v2/sys/gameBase/parties/bulkGet?limit=11", {"a": 1}))
    first, second = (asked.headers for asked in fake.asked)
    for headers in (first, second):
        assert headers["authorization"] == "Bearer token-1"
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert headers["x-psn-sampled"] == "0"
        assert headers["x-psn-app-ver"] == "PlayStationApp-Android/26.1.0"
        assert len(bytes.fromhex(headers["x-psn-trace-id"])) == 8
        assert len(bytes.fromhex(headers["x-psn-span-id"])) == 8
        uuid.UUID(headers["x-psn-request-id"])
    assert first["x-psn-request-id"] != second["x-psn-request-id"]
    assert first["x-psn-span-id"] != second["x-psn-span-id"]
    assert first["x-psn-trace-id"] == second["x-psn-trace-id"]


@pytest.mark.parametrize("call", NATIVE, ids=lambda call: call.path)
async def test_native_calls_carry_none_of_them(fake: Scripted, client: PsnClient, call: Call) -> None:
    fake.script(OK)
    await client.call(call)
    sent = fake.asked[0].headers
    assert not [name for name in sent if name.startswith("x-psn-")]
    assert sent["authorization"] == "Bearer token-1"
    assert sent["content-type"] == "application/json; charset=utf-8"
    assert sent["user-agent"].startswith("Dalvik/2.1.0 (Linux; U; Android 14;")


async def test_servers_that_want_the_other_headers_cost_one_call(fake: Scripted, client: PsnClient) -> None:
    fake.script(REFUSED, OK)
    assert (await client.call(NATIVE[0])).data == {"fine": True}
    assert ["x-psn-request-id" in asked.headers for asked in fake.asked] == [False, True]
    await client.call(NATIVE[1])
    assert client.native_headers.accepted == "full"
    assert "x-psn-request-id" in fake.asked[2].headers, "what one kind of call showed holds for the others"
    fake.script(REFUSED)
    with pytest.raises(errors.RefusedError):
        await client.call(NATIVE[2])
    assert len(fake.asked) == 4, "headers that were accepted before are not what is wrong"


async def test_what_another_process_found_out_is_not_tried_again(fake: Scripted, client: PsnClient) -> None:
    client.native_headers.learned("full")
    fake.script(REFUSED)
    with pytest.raises(errors.RefusedError):
        await client.call(NATIVE[0])
    assert ["x-psn-request-id" in asked.headers for asked in fake.asked] == [True]


async def test_a_call_that_both_sets_do_not_help_is_not_made_a_third_time(fake: Scripted, client: PsnClient) -> None:
    fake.script(REFUSED)
    for made in (2, 3):
        with pytest.raises(errors.RefusedError):
            await client.call(NATIVE[0])
        assert len(fake.asked) == made


async def test_a_setting_holds_whatever_is_answered(fake: Scripted, tokens: Tokens, home: Path) -> None:
    made = settings(fake.url, native_headers="full")
    client = PsnClient(made.psn, source(made, home), tokens)
    fake.script(REFUSED)
    with pytest.raises(errors.RefusedError):
        await client.call(NATIVE[0])
    await client.close()
    assert ["x-psn-request-id" in asked.headers for asked in fake.asked] == [True]


async def test_a_body_is_made_when_its_call_goes_out_and_stays_for_its_repeats(
    fake: Scripted, client: PsnClient
) -> None:
    made = iter(range(10))
    fake.script(json_answer(503, {}), OK)
    await client.call(Call("POST", "mobile", "/api/thing", lambda: {"number": next(made)}))
    assert [asked.body for asked in fake.asked] == ['{"number":0}', '{"number":0}']


async def test_a_call_that_is_not_wanted_any_more_is_not_sent(fake: Scripted, client: PsnClient) -> None:
    wanted = iter([True, False])
    fake.script(json_answer(503, {}))
    with pytest.raises(errors.CallWithdrawnError):
        await client.call(Call("GET", "mobile", "/api/thing", still=lambda: next(wanted)))
    assert len(fake.asked) == 1


async def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(
    fake: Scripted, client: PsnClient, tokens: Tokens
) -> None:
    fake.script(json_answer(401, {"error": {"code": 1, "message": "expired"}}), OK)
    assert (await client.call(LIST)).data == {"fine": True}
    assert tokens.rejected == [fingerprint("token-1")]
    assert [asked.headers["authorization"] for asked in fake.asked] == ["Bearer token-1", "Bearer token-2"]
    assert fake.asked[0].headers["x-psn-request-id"] != fake.asked[1].headers["x-psn-request-id"]


async def test_a_second_refusal_of_the_token_is_the_callers(fake: Scripted, client: PsnClient) -> None:
    fake.script(json_answer(401, {}))
    with pytest.raises(errors.UnauthorizedError):
        await client.call(GET)
    assert len(fake.asked) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422])
async def test_other_refusals_are_never_repeated_and_keep_sonys_words(
    fake: Scripted, client: PsnClient, status: int, wire: object
) -> None:
    body = {"error": {"referenceId": "ref-1", "code": 2265216, "message": "Bad Request (body: null)"}}
    fake.script(json_answer(status, body))
    with pytest.raises(errors.PsnError) as caught:
        await client.call(LIST)
    assert len(fake.asked) == 1
    error = caught.value
    assert (error.status, error.sony_code, error.reference_id) == (status, 2265216, "ref-1")
    assert "Bad Request (body: null)" in error.message
    assert error.remedy


async def test_what_passes_by_itself_is_repeated_with_a_limit(fake: Scripted, client: PsnClient) -> None:
    fake.script(json_answer(503, {}), json_answer(500, {}), OK)
    assert (await client.call(GET)).data == {"fine": True}
    fake.script(json_answer(503, {}))
    with pytest.raises(errors.ServerFaultError):
        await client.call(GET)
    assert len(fake.asked) == 6


async def test_a_host_that_failed_to_the_last_try_is_tried_once_until_it_answers(
    fake: Scripted, client: PsnClient
) -> None:
    fake.script(json_answer(503, {}))
    for asked in (3, 4, 5):
        with pytest.raises(errors.ServerFaultError):
            await client.call(GET)
        assert len(fake.asked) == asked
    fake.script(OK)
    await client.call(GET)
    fake.script(json_answer(503, {}), json_answer(503, {}), OK)
    assert (await client.call(GET)).data == {"fine": True}


async def test_a_broken_connection_is_repeated(home: Path) -> None:
    met = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        await reader.readuntil(b"\r\n\r\n")
        if met > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    made = settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), Tokens())
    assert (await client.call(GET)).data == {}
    assert met == 2
    await client.close()
    server.close()


async def test_nobody_there_is_said_as_such(home: Path) -> None:
    made = settings("http://127.0.0.1:9", retries=2, backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), Tokens())
    with pytest.raises(errors.UnreachableError) as caught:
        await client.call(GET)
    assert client.calls == 2
    assert "127.0.0.1" in caught.value.message
    await client.close()


async def test_a_short_rate_limit_is_waited_for_and_a_long_one_stops_further_calls(
    fake: Scripted, client: PsnClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "LEAST_S", 0.0)
    fake.script(json_answer(429, {}, {"Retry-After": "0"}), OK)
    await client.call(GET)
    fake.script(json_answer(429, {}, {"Retry-After": "900"}), OK)
    with pytest.raises(errors.RateLimitedError) as caught:
        await client.call(GET)
    assert caught.value.retry_after == 900
    asked = len(fake.asked)
    with pytest.raises(errors.RateLimitedError):
        await client.call(GET)
    assert len(fake.asked) == asked
    await client.call(Call("DELETE", "mobile", "/me", urgent=True))
    assert len(fake.asked) == asked + 1


async def test_the_page_that_says_we_are_blocked_stops_every_further_call(fake: Scripted, client: PsnClient) -> None:
    fake.script(lambda: web.Response(status=403, text="<html>Access Denied</html>", content_type="text/html"), OK)
    for call in (GET, GET, Call("DELETE", "mobile", "/me", urgent=True)):
        with pytest.raises(errors.BlockedError):
            await client.call(call)
    assert len(fake.asked) == 1


async def test_no_redirect_is_followed(fake: Scripted, client: PsnClient) -> None:
    fake.script(lambda: web.Response(status=302, headers={"Location": f"{fake.url}/elsewhere"}), OK)
    answer = await client.call(Call("GET", "account", "/authorize", signed=False))
    assert answer.status == 302
    assert len(fake.asked) == 1
    assert "authorization" not in fake.asked[0].headers


@pytest.mark.parametrize("body", ["<html>", "{", "x" * (2 << 20)])
async def test_an_answer_that_is_no_json_or_endless_is_a_typed_error(
    fake: Scripted, client: PsnClient, body: str
) -> None:
    fake.script(lambda: web.Response(text=body))
    with pytest.raises(errors.BadAnswerError):
        await client.call(GET)
    assert len(fake.asked) == 1


async def test_the_pace_holds_a_burst_back(fake: Scripted, home: Path) -> None:
    made = settings(fake.url, call_burst=2, calls_per_s=1 / 3600)
    client = PsnClient(made.psn, source(made, home), Tokens())
    fake.script(OK)
    await client.call(GET)
    await client.call(GET)
    held = asyncio.create_task(client.call(GET))
    await client.call(Call("DELETE", "mobile", "/me", urgent=True))
    assert not held.done()
    assert [asked.method for asked in fake.asked] == ["GET", "GET", "DELETE"]
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    await client.close()


async def test_answers_leave_a_part_of_the_pace_to_everything_else(fake: Scripted, home: Path) -> None:
    made = settings(fake.url, call_burst=6, calls_per_s=1 / 3600)
    client = PsnClient(made.psn, source(made, home), Tokens())
    fake.script(OK)
    there = True
    answer = Call("POST", "mobile", "/api/answer", yields=True, still=lambda: there)
    answers = [asyncio.create_task(client.call(answer)) for _ in range(20)]
    while sum(task.done() for task in answers) < 4:
        await asyncio.sleep(0.01)
    await client.call(GET)
    await client.call(GET)
    assert [asked.method for asked in fake.asked] == ["POST"] * 4 + ["GET"] * 2
    for task in answers:
        task.cancel()
    await asyncio.gather(*answers, return_exceptions=True)
    await client.close()


async def test_no_token_reaches_a_log_or_an_error(
    fake: Scripted, client: PsnClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.script(json_answer(400, {"error": {"message": "no"}}))
    with pytest.raises(errors.RefusedError) as caught:
        await client.call(GET)
    said = caplog.text + "".join(capsys.readouterr()) + str(caught.value) + repr(GET)
    assert "token-1" not in said


def test_a_rate_limit_says_when_the_next_call_may_be() -> None:
    assert retry_after({"retry-after": "7"}, 1000) == 7
    assert retry_after({"x-ratelimit-next-available": "1030"}, 1000) == 30
    assert retry_after({"retry-after": "7", "x-ratelimit-next-available": "1030"}, 1000) == 30
    assert retry_after({"x-ratelimit-next-available": "90000"}, 1000) == UNDATED_S, "our clock may be a day behind"
    assert retry_after({"retry-after": "Tue, 01 Dec 2026 10:00:00 GMT"}, 1000) == 60


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "0"}, 5),
        ({"retry-after": "-7"}, 5),
        ({"retry-after": "nan"}, 60),
        ({"retry-after": "inf"}, 60),
        ({"retry-after": "1e300"}, 86_400),
        ({"x-ratelimit-next-available": "10"}, 60),
        ({"x-ratelimit-next-available": "10", "retry-after": "9"}, 60),
        ({"x-ratelimit-next-available": "1001"}, 5),
        # our clock stands 15 min ahead, or behind: the server's own counts
        ({"x-ratelimit-next-available": "130", "date": "Thu, 01 Jan 1970 00:01:40 GMT"}, 30),
        ({"x-ratelimit-next-available": "1930", "date": "Thu, 01 Jan 1970 00:31:40 GMT"}, 30),
        ({"x-ratelimit-next-available": "1030", "date": "soon"}, 30),
        ({"x-ratelimit-next-available": "1030", "date": "Thu, 99 Jan 99999 00:00:00 GMT"}, 30),
    ],
)
def test_a_rate_limit_always_holds_something_back(headers: dict[str, str], wait_s: float) -> None:
    assert retry_after(headers, 1000) == wait_s


BROKEN = {
    "gzip": (b'{"fine": true}', "gzip"),
    "deflate": (b"\xff" * 40, "deflate"),
    "cut-gzip": (gzip.compress(b'{"fine": true}')[:-9] + b"\x00" * 9, "gzip"),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_an_answer_that_cannot_be_unpacked_is_a_bad_answer(fake: Scripted, client: PsnClient, kind: str) -> None:
    body, coding = BROKEN[kind]
    fake.script(lambda: web.Response(body=body, headers={"Content-Encoding": coding}))
    with pytest.raises(errors.BadAnswerError) as caught:
        await client.call(GET)
    assert "GET /api/thing" in caught.value.message
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n{}",
        b"HTTP/1.1 999999 \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: \xff\xfe;charset=\x80\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"\x16\x03\x01\x00",
        b"",
    ],
)
async def test_whatever_a_server_sends_is_an_error_of_ours(home: Path, answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        made = settings(f"http://127.0.0.1:{port}", retries=1, backoff_max_s=0.05)
        client = PsnClient(made.psn, source(made, home), Tokens())
        with pytest.raises(errors.PsnError):
            await client.call(GET)
        await client.close()


def test_the_golden_error_is_read(wire: object) -> None:
    error = error_of("GET /x", 400, {}, wire("error.response.json"), 0.0)  # type: ignore[operator]
    assert (error.sony_code, error.reference_id) == (2265216, "0a0b0c0d-0001-4002-8003-c0c1c2c3c4c5")
