"""Lines of a log file, in words for a person. No I/O."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cli.shared.terminal import Style, printable
from common.files.state import UNUSABLE
from common.log import logs

LEVELS = ("debug", "info", "warning", "error", "critical")
_TONES = {"warning": "yellow", "error": "red", "critical": "red", "debug": "dim"}
_SHOWN_APART = frozenset({"event", "level", "timestamp", "worker", "logger", "exception"})
_SUPERVISOR = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) (\w+) (.*)")
_OTHER_WORDS = {
    "warn": "warning",
    "crit": "critical",
    "trac": "debug",
    "blat": "debug",
    "debg": "debug",
    "erro": "error",
}


@dataclass(frozen=True)
class LogLine:
    """One line. A line without a time of its own has that of the one before it."""

    worker: str
    raw: str
    at: float
    level: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    trace: str = ""

    def shown(self, style: Style) -> list[str]:
        """Return what a person reads of it."""
        clock = time.strftime("%m-%d %H:%M:%S", time.localtime(self.at)) if self.at else " " * 14
        more = "".join(f"  {style(name, 'dim')}={value}" for name, value in self.fields)
        level = "" if self.level == "info" else f"{self.level}: "
        head = f"{style(clock, 'dim')}  {self.worker:<10} {style(level + self.text, _TONES.get(self.level, ''))}{more}"
        return [head, *(f"    {printable(line)}" for line in self.trace.splitlines())]


def read(worker: str, lines: Iterable[str], before: float = 0.0) -> Iterator[LogLine]:
    """Yield the `lines` of a worker's log. `before`: the time of the line before the first one."""
    for raw in lines:
        if raw.strip():
            line = _of_json(worker, raw, before) or _of_supervisord(worker, raw) or _plain(worker, raw, before)
            before = line.at
            yield line


def _of_json(worker: str, raw: str, before: float) -> LogLine | None:
    try:
        record = msgspec.json.decode(raw, type=dict[str, object])
    except UNUSABLE:
        return None
    try:
        at = datetime.fromisoformat(str(record.get("timestamp", ""))).timestamp()
    except (ValueError, OverflowError):
        at = before
    level = str(record.get("level", "info"))
    fields = tuple((printable(name), _word(value)) for name, value in record.items() if name not in _SHOWN_APART)
    text, trace = (logs.redact(str(record.get(name) or "")) for name in ("event", "exception"))
    return LogLine(worker, raw, at, level if level in LEVELS else "info", printable(text), fields, trace)


def _word(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    text = printable(logs.redact(text))
    return f'"{text}"' if " " in text or not text else text


def _of_supervisord(worker: str, raw: str) -> LogLine | None:
    if not (match := _SUPERVISOR.fullmatch(raw)):
        return None
    try:
        at = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").timestamp() + int(match[2]) / 1000  # noqa: DTZ007  # local
    except (ValueError, OverflowError):
        return None
    level = match[3].lower()
    level = _OTHER_WORDS.get(level, level)
    return LogLine(worker, raw, at, level if level in LEVELS else "info", printable(logs.redact(match[4])))


def _plain(worker: str, raw: str, before: float) -> LogLine:
    return LogLine(worker, raw, before, "info", printable(logs.redact(raw)))
