"""A rate limit for the log, for each place in the code and for all records together.

Dropped records are counted, and the next record of that place reports the count as ``left_out``.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from common.basic.bucket import Bucket

EVERY_S = 10.0
"""Interval of the records of a place that has used up its burst."""
OURS_AT_ONCE = 60
"""Burst of one place in partyline. A full party that joins logs a few records for each member."""
THEIRS_AT_ONCE = 5
"""Burst of one place in a library, which repeats itself with a traceback each time."""
ALL_PER_S, ALL_AT_ONCE = 20.0, 400.0
PLACES = 512
"""Most places that are counted apart, which bounds the memory."""
LONGEST = 6000
"""Longest text in characters. A longer traceback is cut in the middle."""
_OURS = ("workers", "common", "simulator", "cli", "captures", "integrations")

Place = tuple[object, ...]


@dataclass
class _Share:
    bucket: Bucket
    left_out: int = 0


class Limit(logging.Filter):
    """A handler's filter that drops the records of a place over its limit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._places: OrderedDict[Place, _Share] = OrderedDict()
        self._all = Bucket(per_s=ALL_PER_S, at_once=ALL_AT_ONCE)

    def filter(self, record: logging.LogRecord) -> bool:
        now, place = self._clock(), place_of(record)
        if (share := self._places.get(place)) is None:
            at_once = OURS_AT_ONCE if _is_ours(record) else THEIRS_AT_ONCE
            share = self._places[place] = _Share(Bucket(per_s=1 / EVERY_S, at_once=at_once))
        self._places.move_to_end(place)
        if len(self._places) > PLACES:
            self._places.popitem(last=False)
        if not (share.bucket.has(now) and self._all.has(now)):
            share.left_out += 1
            return False
        share.bucket.take(now)
        self._all.take(now)
        if share.left_out:
            _add(record, share.left_out)
            share.left_out = 0
        return True


def place_of(record: logging.LogRecord) -> Place:
    """Return the key of a kind of record, which is where it was written and what it is about."""
    about: Any = ()
    if isinstance(record.msg, dict):
        about = (str(record.msg.get("event", ""))[:80], str(record.msg.get("code", ""))[:80])
    elif record.exc_info and record.exc_info[0] is not None:
        trace = record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        about = (record.exc_info[0], trace and (trace.tb_frame.f_code.co_filename, trace.tb_lineno))
    return (record.pathname, record.lineno, about)


def cut(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut texts that are too long (a structlog processor)."""
    for key, value in event.items():
        if isinstance(value, str) and len(value) > LONGEST:
            gone = len(value) - LONGEST
            event[key] = f"{value[: LONGEST // 3]}\n[{gone} characters]\n{value[-2 * LONGEST // 3 :]}"
    return event


def _is_ours(record: logging.LogRecord) -> bool:
    return isinstance(record.msg, dict) or record.name.partition(".")[0] in _OURS


def _add(record: logging.LogRecord, left_out: int) -> None:
    if isinstance(record.msg, dict):
        record.msg = {**record.msg, "left_out": left_out}
    else:
        record.left_out = left_out
