"""Which call a path belongs to, and which dataTypes are known."""

from __future__ import annotations

import pytest

from common.psn.known import DATA_TYPES, ENDPOINTS, Endpoint, endpoint_of, template_of
from common.psn.party.push import PREFIX

PARTIES = "/api/sessionManager/v2/partySessions"


@pytest.mark.parametrize(
    ("path", "template"),
    [
        (f"{PARTIES}?view=v3", PARTIES), (f"{PARTIES}/abc/members/me", f"{PARTIES}/{{session_id}}/members/me"),
        (f"{PARTIES}/abc/members/123?x=/y", f"{PARTIES}/{{session_id}}/members/{{account_id}}"),
        (f"{PARTIES}/abc/unheard/of", f"{PARTIES}/{{}}/{{}}/{{}}"), ("/secret", "/{}"),
    ],
)  # fmt: skip
def test_a_path_is_named_without_ids(path: str, template: str) -> None:
    assert template_of(path) == template


def test_me_is_no_id() -> None:
    ours = endpoint_of("DELETE", "mobile", f"{PARTIES}/abc/members/me?x=1")
    theirs = endpoint_of("DELETE", "mobile", f"{PARTIES}/abc/members/mel")
    assert ours is not None
    assert theirs is not None
    assert ours.template.endswith("/me")
    assert theirs.template.endswith("/{account_id}")


@pytest.mark.parametrize(
    ("method", "host", "path"),
    [
        ("PUT", "mobile", PARTIES),
        ("GET", "web", PARTIES),
        ("GET", "mobile", f"{PARTIES}/a/b/c/d"),
        ("GET", "mobile", "/"),
    ],
)
def test_a_call_of_another_method_host_or_path_is_unknown(method: str, host: str, path: str) -> None:
    assert endpoint_of(method, host, path) is None


def test_every_call_is_found_by_its_own_path() -> None:
    for entry in ENDPOINTS:
        path = entry.template.replace("{", "id-").replace("}", "")
        assert endpoint_of(entry.method, entry.host, path) == entry
        assert entry.name == f"{entry.method} {entry.template}"
    assert not Endpoint("GET", "web", "/a/{x}").pattern.fullmatch("/a/b/c")


@pytest.mark.parametrize("prefix", ["v2:ps:customData", "pts:customData", "pts:m:customData", "v2:ps:m:customData"])
def test_custom_data_has_four_numbers(prefix: str) -> None:
    known = [n for n in range(10) if f"{PREFIX}{prefix}{n}:updated" in DATA_TYPES]
    assert known == [1, 2, 3, 4]
