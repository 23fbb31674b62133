"""`partyline tap --replay`: a recording, printed as the tap would have printed it, in its time or faster."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.diagnostics import bus_recording, tap_view
from cli.diagnostics.bus_recording import About
from cli.diagnostics.tap_backlog import Entry
from cli.diagnostics.tap_notes import words
from cli.shared.failures import OK
from cli.shared.terminal import Style, echo, printable
from common.messages.wire import Received

LONGEST_WAIT_S = 3600.0
"""A clock that was set while it was recorded makes no longer pause than this."""


def replay(args: argparse.Namespace) -> int:
    about, entries = bus_recording.read(Path(args.replay).expanduser())
    echo(head(about), sys.stderr)
    style = Style.of(sys.stdout)
    pace = Pace(args.speed, time.monotonic, time.sleep)
    for entry in entries:
        at = entry.header.at if isinstance(entry, Received) else entry.at
        if args.seconds and at - about.began_at > args.seconds:
            break
        if isinstance(entry, Received) and not _wanted(entry, args.topic, about, no_retained=args.no_retained):
            continue
        pace.until(max(0.0, at - about.began_at))
        _print(entry, about, style, as_json=args.json)
    return OK


def head(about: About) -> str:
    """Return of what the recording is, in a line."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(about.began_at))
    ahead = f"{abs(about.clock_ahead_s):.3f} s {'ahead of' if about.clock_ahead_s >= 0 else 'behind'}"
    clock = f" Times are by its clock, which was {ahead} that of the machine that recorded."
    return f"Recorded from the bus of {printable(about.machine)}, {when}.{clock}"


class Pace:
    """Waits for the moments of a recording. A speed of 0 waits for none."""

    def __init__(self, speed: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._began = clock()

    def until(self, moment_s: float) -> None:
        """Wait until that moment of the recording."""
        if self._speed:
            wait_s = self._began + moment_s / self._speed - self._clock()
            if wait_s > 0:
                self._sleep(min(wait_s, LONGEST_WAIT_S))


def _wanted(entry: Received, topics: Sequence[str], about: About, *, no_retained: bool) -> bool:
    if no_retained and entry.cls.RETAINED and entry.header.at < about.began_at:
        return False
    return not topics or any(entry.topic.startswith(topic) for topic in topics)


def _print(entry: Entry, about: About, style: Style, *, as_json: bool) -> None:
    if not isinstance(entry, Received):
        echo(words(entry, printable(about.machine)), sys.stderr)
    else:
        echo(tap_view.as_json(entry) if as_json else tap_view.as_text(entry, style))
