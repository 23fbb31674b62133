"""`partyline up --service`: the pipeline as launchd or systemd runs it, without a terminal and without a person.

Its output is a log: what happened to the service, and not what happens in the party (`partyline status` tells that).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import sys
import time
from pathlib import Path

from cli.pipeline import leave_after_stop
from cli.pipeline.down import wait_gone
from cli.pipeline.foreground import EndedElsewhere, Foreground, Stopped, Stops, signals
from cli.pipeline.launch import SupervisordChild, prepare
from cli.shared import supervisor as supervisors
from cli.shared.connect import run
from cli.shared.failures import OK, CommandError, UnfitError
from cli.shared.supervisor import Supervisor, conf_file
from cli.shared.terminal import echo
from common.config.settings import load
from common.errors import PartylineError, SettingsError
from common.files.paths import Paths
from common.run.foreground import abandoned

EXIT_S = 58.0
"""How long the stop may take in all. Whoever runs the service kills it 2 s later."""
LEAST_LEAVE_S = 5.0
"""A leave takes two calls and the start of two processes: 3 s on a slow machine."""
ABANDONED_S = 45.0
"""How long a pipeline whose command was killed may take to stop, like `launch.STOP_S`."""
LOG_LIMIT_BYTES = 1_000_000
LOG_KEPT_BYTES = 100_000
"""launchd never shortens a log. A fault that is tried again each 30 s writes 0.6 MB a day."""


def up(paths: Paths, conf: str) -> int:
    """Run the pipeline until it is stopped. Return 0 if that was wanted.

    Raises `UnfitError` for what only a person can mend, and `CommandError` for what may be over at the next try.
    """
    shorten(paths.log / "service.log", sys.stdout.fileno())
    try:
        settings = load(paths)
        prepare(conf_file(paths, conf), paths)
    except (SettingsError, CommandError) as error:
        raise UnfitError(error.message, error.remedy) from error
    except OSError as error:
        raise UnfitError(
            f"The folder {paths.home} cannot be used: {error.strerror or error}.",
            "Check $PARTYLINE_HOME: that folder must be yours, and writable.",
        ) from error
    found = supervisors.find(paths, conf)
    if found and not _ends(found, paths):
        _say(
            f"The pipeline already runs in {paths.home}, started by another command. This service ends, without a loop."
        )
        _say("  → To have the service run it: `partyline down`, then `partyline service install`.")
        return OK
    _say(f"Starting the pipeline in {paths.home}, realm {settings.psn.realm}, process {os.getpid()}.")
    return run(_run(paths, conf))


def _ends(found: Supervisor, paths: Paths) -> bool:
    """Wait for a pipeline that is stopping, or whose command was killed. Return False for one that stays."""
    if found.stopping():
        _say("A pipeline is still stopping. Waiting for its end.")
    else:
        pid = found.pid()
        if pid and not abandoned(paths.run, pid):
            return False
        _say("A pipeline of a command that was killed is still stopping. Waiting for its end.")
    wait_gone(found, ABANDONED_S)
    return True


async def _run(paths: Paths, conf: str) -> int:
    follow = Foreground(paths, lambda line: _say(line[1]), conf, fresh=True, quiet=True)
    async with signals() as stop:
        child = await SupervisordChild.start(conf_file(paths, conf), paths)
        began = time.monotonic()
        try:
            why = await _end_reason(follow, child, stop)
        except PartylineError:
            await child.stop()  # the next start, in a moment, goes on with the party
            raise
        _say(why)
        began_stop = time.monotonic()
        await child.stop()
        await _leave(paths, EXIT_S - (time.monotonic() - began_stop))
        _say(f"Stopped within {time.monotonic() - began_stop:.1f} s, after {began_stop - began:.0f} s of running.")
    return OK


async def _end_reason(follow: Foreground, child: SupervisordChild, stop: Stops) -> str:
    """Wait for an end that somebody wanted, and say which. Raises `CommandError` if supervisord fails."""
    try:
        await follow.run(child, stop, 0.0)
    except Stopped as stopped:
        return f"Leaving the party and stopping the pipeline ({stopped.number.name}) …"
    except EndedElsewhere:
        return "The pipeline was stopped by another command. The service starts it again at the next boot or login."
    raise AssertionError("nothing limits this run")


async def _leave(paths: Paths, within_s: float) -> None:
    """Leave a party that session did not leave at its stop, if there is time enough for it."""
    if not leave_after_stop.is_there(paths):
        return
    limit_s = within_s - 2 * leave_after_stop.END_S
    if limit_s < LEAST_LEAVE_S:
        _say("The workers took so long to stop that no time is left to leave the party. The next start leaves it.")
        return
    for line in await asyncio.to_thread(leave_after_stop.leave, paths, limit_s):
        _say(line)


def _say(text: str) -> None:
    """Write a line into the log, if it takes one: a full disk must not end the party."""
    with contextlib.suppress(OSError):
        echo(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {text}")


def shorten(log: Path, output: int) -> None:
    """Keep only the end of a long `log`, if it is what the descriptor `output` writes to."""
    try:
        into = os.fstat(output)
        if not stat.S_ISREG(into.st_mode) or into.st_size <= LOG_LIMIT_BYTES or not os.path.samestat(into, log.stat()):
            return
        with log.open("rb") as file:
            file.seek(-LOG_KEPT_BYTES, os.SEEK_END)
            kept = file.read().partition(b"\n")[2]
        os.ftruncate(output, 0)
        os.lseek(output, 0, os.SEEK_SET)
        os.write(output, kept)
    except OSError as error:
        _say(f"The log {log} cannot be shortened: {error.strerror or error}.")
