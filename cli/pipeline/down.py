"""`partyline down`."""

from __future__ import annotations

import argparse
import time

from cli.obs.lowered import give_back_lines
from cli.pipeline import leave_after_stop
from cli.shared.command import Command, conf_option
from cli.shared.connect import running_supervisor
from cli.shared.failures import OK, CommandError, NotRunningError
from cli.shared.supervisor import Supervisor
from cli.shared.terminal import echo
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


def down(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    try:
        supervisor = running_supervisor(args.conf)
    except NotRunningError:
        for line in give_back_lines(paths):  # of a pipeline that was killed
            echo(line)
        raise
    echo("Leaving the party and stopping the pipeline …")
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
