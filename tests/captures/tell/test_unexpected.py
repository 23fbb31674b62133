"""What a capture has that the project does not expect, by the part that has it."""

from __future__ import annotations

from typing import Any

import pytest

from captures.model import Body, CapturedMessage, Exchange
from captures.tell.signals import CapturedSdp, signals
from captures.tell.unexpected import unexpected
from common.config.tables import PsnSettings
from common.psn.known import DATA_TYPES
from common.psn.miranda.frames import VERSION_2020
from tests.captures.tell.made import OTHER, capture, exchange, payload, pushed, said
from tests.common.psn.sdp.samples import OFFER

TOKEN = {"host": "ca.account.sony.com", "path": "/api/authz/v3/oauth/token"}


def told(*parts: Any, sdps: tuple[str, ...] = ()) -> list[str]:
    made = capture(*parts)
    return unexpected(made, signals(made), [CapturedSdp("x", "offer", sdp) for sdp in sdps])


def test_a_call_that_nobody_knows_is_named_once_by_method_host_and_path() -> None:
    calls = [exchange(n=number, path="/api/unheard-of") for number in range(3)]
    assert told(*calls) == ["new call: `POST m.np.playstation.com/api/unheard-of`"]


def test_of_new_fields_the_topmost_are_named_and_those_of_errors_are_known() -> None:
    answer = {"access_token": "x", "new": {"below": [{"deeper": 1}]}, "newer": 1, "error": {"code": 1}}
    assert told(exchange({"odd": [{"x": 1}]}, answer, **TOKEN)) == [
        f"new field of `POST /api/authz/v3/oauth/token`: `{name}`" for name in ("new", "newer", "odd")
    ]


def form(*pairs: tuple[str, str]) -> CapturedMessage:
    return CapturedMessage(body=Body(kind="form", data=[list(pair) for pair in pairs]))


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"query": (("client_id", "other"),)}, "changed value of parameter `client_id`: `other`, we have "),
        ({"request": form(("scope", "other"))}, "changed value of parameter `scope`: `other`, we have "),
        ({"request": form(("unheard-of", "1"))}, "new field of `POST /api/authz/v3/oauth/token`: `unheard-of`"),
        (
            {"request": CapturedMessage(headers=(("X-Psn-App-Ver", "1.0"),))},
            "changed value of header `X-Psn-App-Ver`: `1.0`, we have ",
        ),
    ],
)
def test_a_changed_value_is_named_beside_ours(changed: dict[str, Any], line: str) -> None:
    (found,) = told(exchange(**{**TOKEN, "response": CapturedMessage(), "request": CapturedMessage(), **changed}))
    assert found.startswith(line)


def test_values_that_we_send_too_are_nothing_new() -> None:
    psn = PsnSettings()
    own = exchange(
        **TOKEN,
        request=CapturedMessage(
            headers=(("X-PSN-App-Ver", psn.app_version), ("Accept", "anything")),
            body=form(("scope", psn.scope)).body,
        ),
        query=(("client_id", psn.client_id),),
        response=CapturedMessage(),
    )
    assert isinstance(own, Exchange)
    assert told(own) == []


def test_new_data_types_and_fields_of_push_are_named() -> None:
    known = next(iter(DATA_TYPES))
    assert told(pushed({"dataType": known}), pushed([1]), pushed({"dataType": 5})) == []
    assert told(pushed({"dataType": "psn:new"}), pushed({"voice": {"level": 1}})) == [
        "new push dataType: `psn:new`",
        "new field of push messages: `voice`",
    ]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (said(payload()), None),
        (said(payload(), channel="miranda:13"), "changed channel of customMessage: `miranda:13`, we have `miranda:12`"),
        (said("x"), "a customMessage that we cannot read: "),
        (said(payload(version=VERSION_2020)), "changed version of miranda frames: "),
        (said(payload(reserved_4=1)), "bytes of the miranda header that were always 0 are not"),
        (said(payload(reserved_12=1)), "bytes of the miranda header that were always 0 are not"),
        (said(payload(reserved_28=b"\0" * 11 + b"\1")), "bytes of the miranda header that were always 0 are not"),
        (said(payload(extra={"voice_level": 1})), "new key of miranda messages: `voice_level`"),
        (said(payload(header_sender=OTHER)), "a miranda header names another account than its message"),
    ],
)
def test_what_is_new_in_a_frame_is_named(message: dict[str, Any], line: str | None) -> None:
    found = [one for one in told(exchange(message)) if not one.startswith("new call")]
    assert [one.startswith(line) for one in found] == [True] if line else found == []


@pytest.mark.parametrize(
    ("sdp", "lines"),
    [
        (OFFER, []),
        (OFFER.replace("opus/16000", "opus/48000"), ["changed opus in SDP (offer): `opus/48000/2`, we have "]),
        (OFFER.replace("stereo=0", "stereo=1"), ["changed opus parameters in SDP (offer): `minptime=10;stereo=1;"]),
        (OFFER.replace("a=ptime:40\r\n", ""), ["changed audio ptime in SDP (offer): none, we have `40`"]),
        (OFFER.replace("a=ptime:40", "a=ptime:20"), ["changed audio ptime in SDP (offer): `20`, we have `40`"]),
        ("x", ["a description that we cannot read: "]),
    ],
)
def test_what_is_new_in_a_description_is_named(sdp: str, lines: list[str]) -> None:
    found = told(sdps=(sdp,))
    assert [one.startswith(line) for one, line in zip(found, lines, strict=True)] == [True] * len(lines)


def test_a_call_whose_fields_nobody_expects_hides_no_other() -> None:
    leave = exchange(
        {"anything": 1}, method="DELETE", path="/api/sessionManager/v2/partySessions/{1}/members/me", values=("s",)
    )
    assert told(leave) == []
    assert told(leave, exchange({"odd": 1}, n=1, **TOKEN)) == ["new field of `POST /api/authz/v3/oauth/token`: `odd`"]


def test_what_cannot_be_read_hides_nothing_that_follows_it() -> None:
    found = told(
        exchange(said("x")), exchange(said(payload(reserved_4=1))), sdps=("x", OFFER.replace("/16000", "/48000"))
    )
    kinds = [
        "a customMessage that we cannot",
        "bytes of the miranda header",
        "a description that we",
        "changed opus in SDP",
    ]
    assert [one for one in kinds if any(line.startswith(one) for line in found)] == kinds
