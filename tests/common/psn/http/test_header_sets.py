"""Which headers a call carries, and what is learnt of them."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest

from common.config.tables import PsnSettings
from common.psn import errors
from common.psn.http.client import Call, PsnClient
from common.psn.http.header_sets import JSON, NativeHeaders, headers_of, is_list
from tests.common.psn.http.server import Scripted, Tokens, json_answer, settings, source

GET = Call("GET", "mobile", "/api/thing")
OK = json_answer(200, {"fine": True})
REFUSED = json_answer(400, {"error": {"code": 2265216, "message": "Bad Request (body: null)"}})
LIST = Call("GET", "mobile", "/api/sessionManager/v2/users/me/partySessionsInvitations")
NATIVE = (
    Call("GET", "mobile", "/api/sessionManager/v2/partySessions?view=v3"),
    Call("POST", "mobile", "/api/sessionManager/v2/partySessions/f0f1/members", {"a": 1}),
    Call("POST", "mobile", "/api/sessionManager/v2/partySessions/f0f1/customMessage", {"a": 1}),
    Call("POST", "mobile", "/api/rtcBridge/v1/bridges", {}),
)
LIST_PATH = LIST.path
NATIVE_PATH = "/api/sessionManager/v2/partySessions"


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


@pytest.mark.parametrize(
    "path",
    [
        LIST_PATH,
        "/api/userProfile/v1/x",
        "/api/gamingLoungeGroups/v1/y",
        "/api/sessionManager/v2/sys/gameBase/parties/bulkGet",
    ],
)
def test_lists_and_profiles_are_calls_of_the_javascript_side(path: str) -> None:
    assert is_list(path)
    assert NativeHeaders("auto").of(path) == "full"
    assert NativeHeaders("bare").of(path) == "full"


@pytest.mark.parametrize("path", [NATIVE_PATH, "/api/rtcBridge/v1/bridges", f"/elsewhere{LIST_PATH}"])
def test_all_other_calls_are_native(path: str) -> None:
    assert not is_list(path)
    assert NativeHeaders("auto").of(path) == "bare"
    assert NativeHeaders("full").of(path) == "full"


def test_a_bare_set_has_no_header_of_psn() -> None:
    assert headers_of(PsnSettings(), "bare", "0" * 16) == {"Content-Type": JSON, "User-Agent": PsnSettings().user_agent}


def test_a_full_set_has_new_ids_for_each_call_and_one_for_the_run() -> None:
    first, second = (headers_of(PsnSettings(), "full", "ab" * 8) for _ in range(2))
    assert first["x-psn-trace-id"] == second["x-psn-trace-id"] == "ab" * 8
    assert first["x-psn-request-id"] != second["x-psn-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", first["x-psn-span-id"])
    assert (first["x-psn-sampled"], first["x-psn-app-ver"]) == ("0", PsnSettings().rest_app_version)


def test_a_refused_native_call_is_tried_with_the_other_set_once_for_each_kind() -> None:
    native = NativeHeaders("auto")
    assert native.other("create", NATIVE_PATH) == "full"
    assert native.other("create", NATIVE_PATH) is None
    assert native.other("join", NATIVE_PATH) == "full"
    assert native.accepted is None


def test_a_list_is_not_tried_otherwise_and_teaches_nothing() -> None:
    native = NativeHeaders("auto")
    assert native.other("list", LIST_PATH) is None
    native.took(LIST_PATH, "full")
    assert native.accepted is None
    assert native.of(NATIVE_PATH) == "bare"


def test_what_was_accepted_is_kept_and_nothing_else_is_tried() -> None:
    native = NativeHeaders("auto")
    native.took(NATIVE_PATH, "full")
    assert native.accepted == native.of(NATIVE_PATH) == "full"
    assert native.other("create", NATIVE_PATH) is None


def test_whoever_prefers_full_headers_tries_bare_ones() -> None:
    native = NativeHeaders("auto")
    native.learned("full")
    assert NativeHeaders("full").other("create", NATIVE_PATH) is None  # a setting is not questioned
    assert native.of(NATIVE_PATH) == "full"


def test_a_setting_stays_whatever_is_learnt() -> None:
    native = NativeHeaders("bare")
    native.learned("full")
    assert native.of(NATIVE_PATH) == "bare"
    assert native.accepted == "bare"


def test_an_unknown_set_teaches_nothing() -> None:
    native = NativeHeaders("auto")
    native.learned("some other")
    assert native.accepted is None
