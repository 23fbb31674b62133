"""`partyline service status` and `logs`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from cli.machine.service import checks, install, managers
from cli.machine.service.install import ServiceOwner
from cli.machine.service.manager import Manager, ServiceState
from cli.shared import supervisor as supervisors
from cli.shared.failures import NOT_RUNNING, OK, UNFIT, CommandError, NotRunningError
from cli.shared.terminal import Style, echo, echo_json, span
from common.files.paths import Paths

NOT_INSTALLED = ("No service is installed for this home.", "Install it: `partyline service install`")
AGAIN = "`partyline service install` writes it again and starts it."


@dataclass(frozen=True)
class Report:
    """One installed service."""

    kind: str
    file: str
    home: str
    state: ServiceState
    outdated: str
    """How its file differs from what this version would write, or ""."""
    pipeline: bool
    """Whether a pipeline runs in this home, by the service or not."""


def status(args: argparse.Namespace) -> int:
    owner = ServiceOwner.of_environment()
    paths = Paths.of_environment()
    found = managers.installed(managers.every(paths, owner.home, owner.uid))
    reports = [_report(manager, paths, owner) for manager in found]
    if args.json:
        echo_json({"home": str(paths.home), "services": [asdict(report) for report in reports]})
    elif not reports:
        raise NotRunningError(*NOT_INSTALLED)
    for report in [] if args.json else reports:
        for line in lines(report, time.time(), Style.of(sys.stdout)):
            echo(line)
    return OK if any(report.state.pid for report in reports) else NOT_RUNNING


def _report(manager: Manager, paths: Paths, owner: ServiceOwner) -> Report:
    try:
        data = manager.file.read_bytes()
    except OSError:  # a link to a file that is gone, or a file of another user's
        data = b""
    environment, program = manager.environment(data), manager.program(data)
    wanted = install.spec_of(manager, paths, owner).with_environment(environment)
    is_there = bool(program) and os.access(program[0], os.X_OK)
    return Report(
        kind=manager.kind,
        file=str(manager.file),
        home=environment.get("PARTYLINE_HOME", ""),
        state=manager.state(),
        outdated=checks.differences(data, manager.render(wanted), program, program_is_there=is_there),
        pipeline=supervisors.find(paths) is not None,
    )


def lines(report: Report, now: float, style: Style) -> list[str]:
    """Return the report for people. `now`: Unix seconds."""
    state = report.state
    out = [_line("Service", f"{report.kind}, {report.file}", style), _line("Home", report.home or "unknown", style)]
    if state.pid:
        since = f" for {span(now - state.since)}" if state.since else ""
        out.append(_line("State", f"running{since}, process {state.pid}", style))
    elif state.loaded:
        out.append(_line("State", style(f"not running ({state.state})", "yellow"), style))
    else:
        out.append(_line("State", style("not loaded", "yellow"), style))
    if state.last_end:
        out.append(_line("Last end", state.last_end.in_words, style))
    if state.starts > 1:
        out.append(_line("Starts", f"{state.starts} since it was loaded", style))
    if report.outdated:
        out.append(_line("File", style(f"{report.outdated}. {AGAIN}", "yellow"), style))
    return [*out, *(f"  → {remedy}" for remedy in remedies(report))]


def _line(title: str, text: str, style: Style) -> str:
    return f"{style(f'{title:<9}', 'bold')}{text}"


def remedies(report: Report) -> list[str]:
    """Return what to do about a service that does not run."""
    state = report.state
    if state.pid:
        return []
    if report.pipeline:
        return ["A pipeline runs in this home, but not by the service. `partyline down` stops it."]
    end = state.last_end
    if end is not None and end.code == UNFIT:
        return ["`partyline service logs` tells what has to be mended. Then run `partyline service install` again."]
    if end is not None and (end.code or end.signal):
        return ["`partyline service logs` tells why. It is tried again by itself."]
    return ["`partyline service install` starts it again."]


def logs(args: argparse.Namespace) -> int:
    owner = ServiceOwner.of_environment()
    found = managers.installed(managers.every(Paths.of_environment(), owner.home, owner.uid))
    if not found:
        raise CommandError(*NOT_INSTALLED)
    command = found[0].log_command(args.lines, follow=args.follow)
    sys.stdout.flush()
    try:
        done = subprocess.run(command, check=False)  # noqa: S603  # the system's own program, no shell
    except FileNotFoundError:
        raise CommandError(
            f"There is no {command[0]} on this machine.", f"The workers' logs are in {Paths.of_environment().log}."
        ) from None
    if done.returncode:
        raise CommandError("The service has no log that can be read.", f"It should be shown by: {' '.join(command)}")
    return OK


def lines_option(text: str) -> int:
    """Return a number of lines, 1 to 100000."""
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100000")
    return int(text)
