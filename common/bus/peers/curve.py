"""CURVE, which encrypts and authenticates every TCP socket of the bus."""

from __future__ import annotations

from typing import Any

import zmq
from zmq.utils import z85

from common.log.secret import Guarded, Secret

HEARTBEAT_MS = 2_000
"""Interval of ZeroMQ's own pings. A cable that was pulled is noticed after three of them."""
GONE_MS = 6_000
MOST_HANDSHAKES_MS = 5_000
"""Limit of a handshake, so that who connects and says nothing is dropped."""


class CurveKeys(Guarded, frozen=True, kw_only=True):
    """A machine's key pair, as Z85 text of 40 characters each."""

    public: str
    private: Secret

    @classmethod
    def new(cls) -> CurveKeys:
        public, secret = zmq.curve_keypair()
        return cls(public=public.decode(), private=secret.decode())


def serve(socket: zmq.Socket[Any], keys: CurveKeys) -> None:
    """Make a socket, before it is bound, take machines that ZAP lets in."""
    _identify(socket, keys)
    socket.setsockopt(zmq.CURVE_SERVER, 1)
    socket.setsockopt(zmq.IPV6, 1)


def join(socket: zmq.Socket[Any], keys: CurveKeys, server: str) -> None:
    """Make a socket, before it is connected, talk to the machine with this public key and to no other."""
    _identify(socket, keys)
    socket.setsockopt(zmq.CURVE_SERVERKEY, server.encode())
    socket.setsockopt(zmq.IPV6, 1)


def _identify(socket: zmq.Socket[Any], keys: CurveKeys) -> None:
    socket.setsockopt(zmq.CURVE_PUBLICKEY, keys.public.encode())
    socket.setsockopt(zmq.CURVE_SECRETKEY, keys.private.encode())
    socket.setsockopt(zmq.HANDSHAKE_IVL, MOST_HANDSHAKES_MS)
    socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, GONE_MS)


def is_key(text: str) -> bool:
    """Return whether `text` is a public key in Z85."""
    try:
        return len(text) == 40 and len(z85.decode(text.encode("ascii"))) == 32
    except (ValueError, KeyError, UnicodeEncodeError):
        return False
