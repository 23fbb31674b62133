"""What stays of an address and of a form, and what is replaced."""

from __future__ import annotations

import pytest

from captures.scrub.formats import url
from tests.captures.marks import marking

API = "https://m.np.playstation.com/api/sessionManager/v2/partySessions"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        (f"{API}/abc123/members/me?view=v3&x=secret#frag", f"{API}/xxx777/members/me?view=v3&x=xxxxxx#xxxx"),
        (f"{API}?fields=", f"{API}?fields="),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        (
            "https://203-0-113-220-pushcl.np.communication.playstation.net/np/pushNotification",
            "https://192-0-2-1-pushcl.np.communication.playstation.net/np/pushNotification",
        ),
        ("https://bo.playstation.net/", "https://xx.playstation.net/"),
        ("https://bo:pw@example.com:443/users/Bo", "https://xx:xx@xxxxxxx.xxx:443/users/xx"),
        ("gopher://example.com/", "xxxxxx://xxxxxxx.xxx/"),
        ("https://[2a02::1]/x", "https://[2001:db8::1]/x"),
        (
            "com.scee.psxandroid.scecompcall://redirect?code=v3.abc&cid=1",
            "com.scee.psxandroid.scecompcall://redirect?code=x7.xxx&cid=7",
        ),
        ("com.scee.psxandroid.scecompcall://redirect", "com.scee.psxandroid.scecompcall://redirect"),
    ],
)
def test_hosts_segments_and_names_of_the_protocol_stay(text: str, scrubbed: str) -> None:
    assert url.url(marking(), text) == scrubbed


@pytest.mark.parametrize("text", ["https://[bad", "//", "https:///x", "https://x:port/", "word"])
def test_what_has_no_host_is_no_address(text: str) -> None:
    assert url.url(marking(), text) is None


@pytest.mark.parametrize(
    ("host", "psn"),
    [
        ("playstation.com", True),
        ("m.np.playstation.com", True),
        ("M.NP.PlayStation.COM.", True),
        ("localhost", True),
        ("playstation.com.example", False),
        ("notplaystation.com", False),
        ("", False),
    ],
)
def test_sonys_hosts_are_its_domains_and_what_lies_below(host: str, psn: bool) -> None:
    assert url.is_psn(host) == psn


def test_the_host_of_an_address_is_read_or_empty() -> None:
    assert [url.host_of(text) for text in ("https://A.b/c", "x", "https://[bad")] == ["a.b", "", ""]


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/api/members/Bo/peers", "/api/members/{1}/peers", ["Bo"]),
        ("/users/me/friends/Bo", "/users/me/friends/{1}", ["Bo"]),
        ("/Quux/a%2Fb//x", "/{1}/{2}//x", ["Quux", "a/b"]),
    ],
)
def test_the_segments_of_a_path_that_may_be_ids_become_values(path: str, template: str, values: list[str]) -> None:
    assert url.split_path(marking(), path) == (template, values)


def test_a_form_keeps_its_order_and_its_empty_values() -> None:
    assert url.form(marking(), "view=&bo=secret&grant_type=refresh_token") == "view=&xx=xxxxxx&grant_type=refresh_token"
