"""Structured logs, one JSON object a line on standard error, with secrets redacted.

Secrets are found by their shape (JWT, NPSSO, authorisation codes, keys of the API, Bearer and Basic
headers, ICE passwords, keys of that name), and by the values that this process passed to `remember`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from common.log.limit import Limit, cut

HIDDEN = "[hidden]"

_SECRET_KEYS = re.compile(
    r"(token|npsso|secret|password|passwd|authorization|cookie|ice.?pwd|refresh|credential)$", re.IGNORECASE
)
_SHAPES = (
    re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?"),  # JWT
    re.compile(r"(?<=npsso=)[^\s;&\"']+", re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])"),  # NPSSO
    re.compile(r"\bv3\.[A-Za-z0-9_-]{6,}"),  # authorisation code
    re.compile(r"(?<=Bearer )\S+|(?<=Basic )\S+", re.IGNORECASE),
    re.compile(r"\bpl\.[0-9a-f]{4,16}\.[A-Za-z0-9_-]{8,}"),  # key of the API
    re.compile(r"(?<=ice-pwd:)\S+"),
    re.compile(r"(?<=[?&]code=)[^&\s\"']+"),
    re.compile(r"(?<=refresh_token=)[^&\s\"']+"),
)
_SHORTEST_SECRET = 6
_known: set[str] = set()


def remember(secret: str) -> None:
    """Redact this value in all that this process logs from now on."""
    if len(secret) >= _SHORTEST_SECRET:
        _known.add(secret)


def redact(text: str) -> str:
    """Return `text` without anything that is, or looks like, a secret."""
    for secret in sorted(_known, key=len, reverse=True):  # one may begin like another, whose rest would be left
        text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


def clean(value: Any) -> Any:
    """Return `value` (any nesting of dict, list, tuple, str, bytes) redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, dict):
        return {
            key: HIDDEN if isinstance(key, str) and _SECRET_KEYS.search(key) and item else clean(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    cleaned: dict[str, Any] = clean(dict(event))
    return cleaned


def _text(value: Any) -> str:
    return redact(repr(value))


def setup(worker: str, level: str = "info") -> structlog.stdlib.BoundLogger:
    """Send structlog's and the libraries' records, redacted, to standard error. Return `worker`'s logger."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            cut,
            _redact_event,
            structlog.processors.JSONRenderer(default=_text),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    if number > logging.DEBUG:  # debug level is for everything, without a limit
        handler.addFilter(Limit())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for chatty in ("aioice", "aiortc", "httpx", "httpcore", "asyncio", "websockets", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    log: structlog.stdlib.BoundLogger = structlog.get_logger(worker)
    return log.bind(worker=worker)
