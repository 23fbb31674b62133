"""A STUN client for one question at a time, with what RFC 5780 adds. It blocks."""

from __future__ import annotations

import contextlib
import errno
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

from aioice import stun

TRIES_S = (0.3, 0.6, 1.2)
"""Waits for an answer, with a repetition after each. Together they are the time limit of one question."""
CHANGE_BOTH, CHANGE_PORT = 6, 2
"""Values of CHANGE-REQUEST: answer from another address and port, or from another port."""

Address = tuple[str, int]


@dataclass(frozen=True)
class StunReply:
    public: Address
    other: Address | None
    """A second address of that server."""
    took_s: float


def ask(sock: socket.socket, server: Address, change: int = 0) -> StunReply | None:
    """Return the server's answer, None without one. Raises `OSError` if the question cannot be sent."""
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    if change:
        request.attributes["CHANGE-REQUEST"] = change
    began = time.monotonic()
    for wait_s in TRIES_S:
        sock.sendto(bytes(request), server)
        if (found := _answer(sock, request.transaction_id, time.monotonic() + wait_s)) is not None:
            public = found.attributes.get("XOR-MAPPED-ADDRESS") or found.attributes.get("MAPPED-ADDRESS")
            if public is None:
                return None
            other = found.attributes.get("OTHER-ADDRESS") or found.attributes.get("CHANGED-ADDRESS")
            return StunReply(public, other, time.monotonic() - began)
    return None


def _answer(sock: socket.socket, transaction_id: bytes, end: float) -> stun.Message | None:
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            data, _ = sock.recvfrom(2048)
            found = stun.parse_message(data)
        except TimeoutError:
            return None
        except ConnectionRefusedError:
            continue  # an ICMP message about an earlier question
        except ValueError:
            continue  # not STUN
        if found.transaction_id == transaction_id and found.message_class == stun.Class.RESPONSE:
            return found
    return None


@contextlib.contextmanager
def bound_to(address: str) -> Iterator[socket.socket]:
    """Yield a UDP socket of that local address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        yield sock


def errno_name(error: OSError) -> str:
    """Return the name of an error's number, which is the same on every system."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
