"""Which headers a call to m.np carries, and what is learnt from the answers."""

from __future__ import annotations

import re

import pytest

from common.config.tables import Psn
from common.psn.http.header_sets import JSON, NativeHeaders, headers_of, is_list

LIST = "/api/sessionManager/v2/users/me/partySessionsInvitations"
NATIVE = "/api/sessionManager/v2/partySessions"


@pytest.mark.parametrize(
    "path",
    [
        LIST,
        "/api/userProfile/v1/x",
        "/api/gamingLoungeGroups/v1/y",
        "/api/sessionManager/v2/sys/gameBase/parties/bulkGet",
    ],
)
def test_lists_and_profiles_are_calls_of_the_javascript_side(path: str) -> None:
    assert is_list(path)
    assert NativeHeaders("auto").of(path) == "full"
    assert NativeHeaders("bare").of(path) == "full"


@pytest.mark.parametrize("path", [NATIVE, "/api/rtcBridge/v1/bridges", f"/elsewhere{LIST}"])
def test_all_other_calls_are_native(path: str) -> None:
    assert not is_list(path)
    assert NativeHeaders("auto").of(path) == "bare"
    assert NativeHeaders("full").of(path) == "full"


def test_a_bare_set_has_no_header_of_psn() -> None:
    assert headers_of(Psn(), "bare", "0" * 16) == {"Content-Type": JSON, "User-Agent": Psn().user_agent}


def test_a_full_set_has_new_ids_for_each_call_and_one_for_the_run() -> None:
    first, second = (headers_of(Psn(), "full", "ab" * 8) for _ in range(2))
    assert first["x-psn-trace-id"] == second["x-psn-trace-id"] == "ab" * 8
    assert first["x-psn-request-id"] != second["x-psn-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", first["x-psn-span-id"])
    assert (first["x-psn-sampled"], first["x-psn-app-ver"]) == ("0", Psn().rest_app_version)


def test_a_refused_native_call_is_tried_with_the_other_set_once_for_each_kind() -> None:
    native = NativeHeaders("auto")
    assert native.other("create", NATIVE) == "full"
    assert native.other("create", NATIVE) is None
    assert native.other("join", NATIVE) == "full"
    assert native.accepted is None


def test_a_list_is_not_tried_otherwise_and_teaches_nothing() -> None:
    native = NativeHeaders("auto")
    assert native.other("list", LIST) is None
    native.took(LIST, "full")
    assert native.accepted is None
    assert native.of(NATIVE) == "bare"


def test_what_was_accepted_is_kept_and_nothing_else_is_tried() -> None:
    native = NativeHeaders("auto")
    native.took(NATIVE, "full")
    assert native.accepted == native.of(NATIVE) == "full"
    assert native.other("create", NATIVE) is None


def test_whoever_prefers_full_headers_tries_bare_ones() -> None:
    native = NativeHeaders("auto")
    native.learned("full")
    assert NativeHeaders("full").other("create", NATIVE) is None  # a setting is not questioned
    assert native.of(NATIVE) == "full"


def test_a_setting_stays_whatever_is_learnt() -> None:
    native = NativeHeaders("bare")
    native.learned("full")
    assert native.of(NATIVE) == "bare"
    assert native.accepted == "bare"


def test_an_unknown_set_teaches_nothing() -> None:
    native = NativeHeaders("auto")
    native.learned("some other")
    assert native.accepted is None
