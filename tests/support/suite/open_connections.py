"""A test that leaves a connection open when its event loop ends fails, and says which.

Python tells of such a connection when it is collected, which is in some later test, or never.
"""

from __future__ import annotations

import asyncio
from asyncio.selector_events import BaseSelectorEventLoop
from typing import Any

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
    transports: Any = getattr(loop, "_transports", {})
    return [
        f"{type(one.get_protocol()).__name__} from {one.get_extra_info('sockname')} to {one.get_extra_info('peername')}"
        for one in list(transports.values())
        if one._sock is not None
    ]


def _close_and_look(loop: BaseSelectorEventLoop) -> None:
    left = [] if loop.is_closed() or not isinstance(loop, asyncio.AbstractEventLoop) else still_open(loop)
    _close(loop)
    if left:
        raise ConnectionLeftOpenError(f"left open when the event loop ended: {'; '.join(left)}")
