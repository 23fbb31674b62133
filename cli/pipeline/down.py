"""`partyline down`."""

from __future__ import annotations

import argparse
import time

from cli.obs.lowered import give_back_lines
from cli.pipeline import leave_after_stop
from cli.shared import started
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, conf_option
from cli.shared.connect import NOT_RUNNING, START_IT
from cli.shared.divided import division
from cli.shared.failures import OK, CommandError, NotRunningError
from cli.shared.supervisor import Supervisor
from cli.shared.terminal import echo, printable
from common.files.paths import Paths

STOP_S = 30.0


def wait_gone(supervisor: Supervisor, limit_s: float = STOP_S) -> None:
    """Wait until supervisord and every worker have exited. Raises `CommandError` after `limit_s`."""
    deadline = time.monotonic() + limit_s
    while supervisor.alive():
        if time.monotonic() > deadline:
            raise CommandError(
                f"The pipeline has not ended within {limit_s:g} s.",
                "`partyline logs supervisord` names the worker that still runs. It is killed at its time limit.",
            )
        time.sleep(0.1)


def _what_ends(paths: Paths) -> str:
    found = division(paths)
    if found is None or not found.at_desk:
        return "Leaving the party and stopping the pipeline …"
    return f"Stopping what runs here … {printable(found.machine)} stays in its party, until `partyline leave` there."


def down(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    supervisor = supervisors.find(paths, args.conf)
    if supervisor is None and (begun := started.last(paths)) is not None:
        echo("The pipeline is still starting. Waiting until it can be stopped …")
        supervisor = begun.wait_for_answer(lambda: supervisors.find(paths, args.conf))
        if supervisor is None and begun.is_there:
            begun.end()
            echo(f"Its supervisord (process {begun.pid}) never answered, so it was ended.")
            return OK
    if supervisor is None:
        for line in give_back_lines(paths):  # of a pipeline that was killed
            echo(line)
        raise NotRunningError(NOT_RUNNING, START_IT)
    echo(_what_ends(paths))
    began = time.monotonic()
    supervisor.shutdown()
    wait_gone(supervisor)
    for line in (*leave_after_stop.leave(paths), *give_back_lines(paths)):
        echo(line)
    echo(f"The pipeline stopped after {time.monotonic() - began:.1f} s. Start it again with `partyline up`.")
    return OK


COMMANDS = {
    "down": Command(
        description="Leave the party and stop every worker. The command ends when all workers have exited.",
        example="partyline down",
        run=down,
        arguments=conf_option,
    )
}
