"""Frames of a client on an open push channel, methods 1003 and 1007, and the answers to them. No I/O, no clock."""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.account.tokens import AccessTokens
from simulator.facts import push, rests_on
from simulator.push.faults import PushFaults
from simulator.push.registry import IDLE, KINDS, KeepAliveStatus, OpenPushChannel
from simulator.shared.refusals import Refused

AUTHORISE = 1003
STATUS = 1007
LONGEST_TRAN_ID = 60
REFUSED = 1
"""A returnCode other than 0. The real ones are unknown."""


class Unacceptable(Exception):  # noqa: N818  # an answer, not a fault
    """A frame that is refused by its returnCode. The reason is "" if it broke no rule."""

    def __init__(self, reason: str, code: int = REFUSED) -> None:
        super().__init__(reason)
        self.code = code


@rests_on(push.TRAN_ID)
def read(raw: str | bytes) -> tuple[dict[str, Any], int, str]:
    """Return a client's frame with its method and tranId. Raises `Refused` for a frame that cannot be answered."""
    try:
        frame: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(401, f"a push frame is no JSON: {error}") from error
    if not isinstance(frame, dict) or frame.get("version") != "3.0":
        raise Refused(401, "a push frame is not of version 3.0")
    tran_id = frame.get("tranId")
    if not isinstance(tran_id, str) or not 1 <= len(tran_id) <= LONGEST_TRAN_ID:
        raise Refused(401, f"a push frame's tranId is no string of 1 to {LONGEST_TRAN_ID} characters")
    method = frame.get("method")
    if method not in (AUTHORISE, STATUS):
        raise Refused(401, f"a push frame of the client has the method {method!r:.20}")
    return frame, method, tran_id


def answer(method: int, tran_id: str, code: int, **more: Any) -> bytes:
    """Return an answer in the form of tests/wire/push-auth.response.json and push-status.response.json."""
    return msgspec.json.encode({"version": "3.0", "method": method, "tranId": tran_id, "returnCode": code, **more})


@rests_on(push.AUTHORISE, push.AUTHORISE_ONCE, push.AUTH_REFUSED)
def check_authorising(
    frame: dict[str, Any], connection: OpenPushChannel, tokens: AccessTokens, faults: PushFaults, unix: float
) -> None:
    """Check a 1003. Raises `Unacceptable`."""
    if connection.authorised:
        raise Unacceptable("method 1003 came twice on one connection")
    auth = frame.get("auth")
    try:
        grant = tokens.access(str(auth.get("accessToken")) if isinstance(auth, dict) else "", unix)
    except Refused as refused:
        raise Unacceptable(refused.reason if refused.violation else "") from refused
    account_id = frame.get("accountId")
    if type(account_id) is not int or not str(account_id) == connection.key[0] == grant.person.account_id:
        raise Unacceptable("accountId of the authorising frame is not the token's account as a number")
    if frame.get("status") != "active":
        raise Unacceptable("the authorising frame lacks status active")
    if faults.refuse_1003:
        raise Unacceptable("", faults.refuse_1003)


@rests_on(push.STATUS, push.TYPES)
def check_status(frame: dict[str, Any], connection: OpenPushChannel, faults: PushFaults) -> int:
    """Return the keepAliveStatusType of a 1007. Raises `Unacceptable`."""
    if not connection.authorised:
        raise Unacceptable("method 1007 came before 1003")
    kind = frame.get("keepAliveStatusType")
    if type(kind) is not int or kind not in KINDS:
        raise Unacceptable(f"keepAliveStatusType {kind!r:.20} is not one of {sorted(KINDS)}")
    if faults.refuse_1007 and kind != IDLE:
        raise Unacceptable("", faults.refuse_1007)
    return kind


def status_told(status: KeepAliveStatus) -> dict[str, int]:
    """Return the keep-alive in the answer to a 1007, in the form of tests/wire/push-status.response.json."""
    told: dict[str, int] = msgspec.to_builtins(status)
    told.pop("serverKeepAliveTimeout")
    return told
