"""The bus as it is, printed or recorded. A lost link is told, and nothing that is slow here slows a pipeline."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from pathlib import Path
from typing import Literal

from cli.diagnostics import tap_view
from cli.diagnostics.bus_recording import About, BusRecording
from cli.diagnostics.tap_backlog import BackgroundWriter, Entry
from cli.diagnostics.tap_notes import End, LinkNotes, words
from cli.shared import far
from cli.shared.connect import connect
from cli.shared.failures import OK
from cli.shared.terminal import Style, counted, echo, span
from common.basic.version import version
from common.bus.subscription import Subscription
from common.messages.wire import Received
from common.system.hostname import local_name


def machine() -> str:
    """Return the machine that the bus is of, as people call it."""
    return far.machine() or "this machine"


class Printer:
    """Prints messages, and notes on standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._style = Style.of(sys.stdout)

    def entry(self, entry: Entry) -> None:
        if isinstance(entry, Received):
            echo(tap_view.as_json(entry) if self._json else tap_view.as_text(entry, self._style))
        else:
            echo(words(entry, machine()), sys.stderr)


async def tap(args: argparse.Namespace) -> int:
    """Print the messages until the time is over."""
    async with connect() as (bus, _):
        writer = BackgroundWriter(Printer(as_json=args.json).entry)
        await _read(bus.subscribe(*(args.topic or [""])), writer, args)
        writer.end()
    return OK


async def record(args: argparse.Namespace) -> int:
    """Record the messages until the time is over. The file is whole also if something else ends it."""
    async with connect() as (bus, _):
        file = Path(args.record)
        recording = BusRecording(file, _about(args))
        told = Printer(as_json=False)

        def write(entry: Entry) -> None:
            recording.entry(entry)
            if not isinstance(entry, Received):
                told.entry(entry)

        writer = BackgroundWriter(write)
        echo(f"Recording the bus of {machine()} into {file}{'' if args.seconds else ' until Ctrl-C'} …", sys.stderr)
        began = time.monotonic()
        why: Literal["time", "interrupted"] = "interrupted"
        try:
            await _read(bus.subscribe(*(args.topic or [""])), writer, args)
            why = "time"
        finally:
            whole = writer.end()
            if whole:
                recording.entry(End(at=far.now(), why=why, messages=writer.messages))
            recording.close()
            taken = f"{counted(writer.messages, 'message')} in {span(time.monotonic() - began)}"
            slow = "" if whole else " The disk was too slow for the last of them."
            echo(f"Recorded {taken}. Times are by the clock of {machine()}.{slow}", sys.stderr)
    return OK


def _about(args: argparse.Namespace) -> About:
    there = far.about() if far.machine() else None
    return About(
        recording="bus",
        machine=far.machine() or local_name(),
        version=there.version if there else version(),
        began_at=far.now(),
        clock_ahead_s=round(far.now() - time.time(), 4),
        topics=tuple(args.topic),
    )


async def _read(subscription: Subscription, writer: BackgroundWriter, args: argparse.Namespace) -> None:
    """Hand all that comes to the writer, for the time that was asked for."""
    began, notes = far.now(), LinkNotes()
    links = asyncio.create_task(_tell_links(subscription, writer, notes))
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(args.seconds or None):
                async for received in subscription:
                    notes.last_at = far.now()
                    if not (args.no_retained and _is_old(received, began)):
                        writer.put(received)
    finally:
        links.cancel()
        await asyncio.gather(links, return_exceptions=True)


async def _tell_links(subscription: Subscription, writer: BackgroundWriter, notes: LinkNotes) -> None:
    async for up in subscription.links():
        note = notes.note(up=up, at=far.now())
        if note is not None:
            writer.put(note)


def _is_old(received: Received, began: float) -> bool:
    return received.cls.RETAINED and received.header.at < began
