"""A test that leaves a connection open when its event loop ends fails, and says which.

Python tells of such a connection when it is collected, which is in some later test, or never.
"""

from __future__ import annotations

import asyncio
import time
from asyncio.selector_events import BaseSelectorEventLoop
from asyncio.sslproto import SSLProtocol
from typing import Any

GOODBYE_S = 2.0
"""Time for connections that are being closed. TLS says goodbye first, which libraries do not wait for."""
_close = BaseSelectorEventLoop.close


class ConnectionLeftOpenError(AssertionError):
    pass


def watch() -> None:
    """Have each event loop of this process look for open connections before it closes."""
    BaseSelectorEventLoop.close = _close_and_look  # type: ignore[method-assign]


def unwatch() -> None:
    BaseSelectorEventLoop.close = _close  # type: ignore[method-assign]


def still_open(loop: BaseSelectorEventLoop) -> list[str]:
    """Return the connections and sockets of this loop that are open, in words."""
    return [
        f"{type(one.get_protocol()).__name__} from {one.get_extra_info('sockname')} to {one.get_extra_info('peername')}"
        for one in _open(loop)
    ]


def _open(loop: Any) -> list[Any]:
    transports: Any = getattr(loop, "_transports", {})
    return [one for one in list(transports.values()) if one._sock is not None]


def _is_closing(transport: Any) -> bool:
    protocol = transport.get_protocol()
    if isinstance(protocol, SSLProtocol):
        encrypted: Any = getattr(protocol, "_app_transport", None)
        return encrypted is None or encrypted.is_closing()
    return bool(transport.is_closing())


def _let_them_close(loop: Any) -> None:
    until = time.monotonic() + GOODBYE_S
    while time.monotonic() < until and any(_is_closing(one) for one in _open(loop)):
        loop.run_until_complete(asyncio.sleep(0.01))


def _close_and_look(loop: BaseSelectorEventLoop) -> None:
    if not loop.is_closed() and not loop.is_running():
        _let_them_close(loop)
    left = [] if loop.is_closed() or not isinstance(loop, asyncio.AbstractEventLoop) else still_open(loop)
    _close(loop)
    if left:
        raise ConnectionLeftOpenError(f"left open when the event loop ended: {'; '.join(left)}")
