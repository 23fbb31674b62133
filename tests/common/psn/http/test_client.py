from __future__ import annotations

import logging

import pytest

from common.psn import errors
from common.psn.http.client import Call, PsnClient, fingerprint
from common.psn.http.refusals import UNDATED_S, error_of, retry_after
from tests.common.psn.http.server import Scripted, Tokens, json_answer

GET = Call("GET", "mobile", "/api/thing")
LIST = Call("GET", "mobile", "/api/sessionManager/v2/users/me/partySessionsInvitations")
OK = json_answer(200, {"fine": True})


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


def test_the_golden_error_is_read(wire: object) -> None:
    error = error_of("GET /x", 400, {}, wire("error.response.json"), 0.0)  # type: ignore[operator]
    assert (error.sony_code, error.reference_id) == (2265216, "0a0b0c0d-0001-4002-8003-c0c1c2c3c4c5")
