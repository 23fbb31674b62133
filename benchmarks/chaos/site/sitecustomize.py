"""Faults inside a worker that starts with this folder on PYTHONPATH: a jumping wall clock, and lost datagrams.

The wall clock is off by the seconds in $CHAOS_CLOCK. The share in $CHAOS_LOSS of the incoming datagrams is dropped.
"""

# ruff: noqa: INP001  # a folder on PYTHONPATH, no package

import contextlib
import os
import random
import time
from asyncio import selector_events
from pathlib import Path
from typing import Any

_CLOCK = Path(os.environ["CHAOS_CLOCK"])
_LOSS = Path(os.environ["CHAOS_LOSS"])
_TRANSPORT: Any = vars(selector_events)["_SelectorDatagramTransport"]  # where asyncio reads a datagram
_LOOK_EVERY_S = 0.1
_time = time.time
_ready = _TRANSPORT._read_ready  # noqa: SLF001
_seen = {"at": 0.0, "rate": 0.0}


def _jumped() -> float:
    return _time() + float(_CLOCK.read_text())


def _lossy(self: Any) -> None:
    now = time.monotonic()
    if now - _seen["at"] > _LOOK_EVERY_S:
        _seen.update(at=now, rate=float(_LOSS.read_text()))
    if random.random() < _seen["rate"]:
        with contextlib.suppress(OSError):
            self._sock.recvfrom(65536)
        return
    _ready(self)


time.time = _jumped
_TRANSPORT._read_ready = _lossy  # noqa: SLF001
