"""`partyline doctor`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence

import msgspec

from cli.machine.doctor import view
from cli.machine.doctor.catalogue import CHECKS
from cli.machine.doctor.check import ERRORS, WARNINGS, CheckFinding, exit_code
from cli.machine.doctor.examine import applicable, examine
from cli.machine.doctor.first_mac.keep import keep
from cli.machine.doctor.first_mac.measure import measure
from cli.machine.doctor.first_mac.measured import answers
from cli.machine.doctor.surroundings import Surroundings
from cli.shared import far
from cli.shared.command import Command, json_option
from cli.shared.connect import connect, run
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.terminal import Style, Table, echo, echo_json, printable
from common.bus.sockets import DOCTOR
from common.config.settings import load
from common.config.tables import Settings
from common.errors import SettingsError
from common.files.paths import Paths
from common.log import logs

WIDE = 110
FAR_S = 70.0
"""More than the other machine gives its doctor."""


def surroundings(paths: Paths | None = None, *, offline: bool) -> Surroundings:
    """Return this machine as it is. Settings that cannot be used are replaced by the defaults, and the fault noted."""
    paths = paths or Paths.of_environment()
    try:
        return Surroundings(paths=paths, settings=load(paths), offline=offline)
    except SettingsError as error:
        fault = f"{error.message.rstrip('.')}."
        return Surroundings(paths=paths, settings=Settings(), settings_error=fault, offline=offline)


def findings_of(around: Surroundings, *, only: Sequence[str] = ()) -> list[CheckFinding]:
    """Run the checks that apply here. `only` names some by their id. Raises `UsageError` for an unknown id."""
    known = {check.id for check in CHECKS}
    if unknown := [name for name in only if name not in known]:
        raise UsageError(f"There is no check called {unknown[0]!r}.", f"The checks are: {', '.join(sorted(known))}.")
    wanted = [check for check in CHECKS if not only or check.id in only]
    checks = applicable(wanted, around.platform, offline=around.offline)
    if not checks:
        raise UsageError("None of these checks can be made here.", "Leave out --offline. Some are for a Mac only.")
    return run(examine(checks, around))


def first_mac_run(around: Surroundings, *, as_json: bool) -> int:
    """Measure what only a Mac can tell, keep it, and print the answers."""
    logs.setup("cli", "error")
    measured = measure(around, lambda name: echo(f"Measuring: {name} …", sys.stderr))
    place = keep(around.paths, measured)
    if as_json:
        echo_json(measured)
        return OK
    rows = [((question, "bold"), printable(answer)) for question, answer in answers(measured)]
    echo("\n".join(Table(["QUESTION", "ANSWER"], rows).lines(Style.of(sys.stdout))))
    echo(f"\nKept in {place}, which `partyline report` takes along. notes/first-mac-hour.md says what else to try.")
    return OK


def doctor(args: argparse.Namespace) -> int:
    if far.machine() and (args.offline or args.first_mac):
        raise UsageError("partyline doctor: --offline and --first-mac work on their own machine only.", "Leave it out.")
    if args.first_mac:
        return first_mac_run(surroundings(offline=args.offline), as_json=args.json)
    findings = _far_findings(args) if far.machine() else findings_of(surroundings(offline=args.offline), only=args.only)
    if args.json:
        echo_json(view.as_data(findings, at=time.time(), offline=args.offline))
    else:
        room = min(WIDE, shutil.get_terminal_size().columns) if sys.stdout.isatty() else WIDE
        echo("\n".join(view.lines(findings, Style.of(sys.stdout), room)))
    return exit_code(findings)


def _far_findings(args: argparse.Namespace) -> list[CheckFinding]:
    """Return what the doctor of the machine that `--at` names says there."""
    answer = run(_ask_there())
    try:
        findings = msgspec.convert(msgspec.json.decode(answer)["findings"], list[CheckFinding])
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise CommandError(f"The doctor of {far.machine()} answered something else.", far.UPDATE_THERE) from error
    return [found for found in findings if not args.only or found.id in args.only]


async def _ask_there() -> bytes:
    async with connect() as (bus, _):
        echo(f"The doctor of {far.machine()} runs there, which takes up to a minute …", sys.stderr)
        return b"".join(await bus.ask_gate(DOCTOR, FAR_S))


def _arguments(parser: argparse.ArgumentParser) -> None:
    json_option(parser)
    parser.add_argument("--offline", action="store_true", help="contact nobody, and leave out the checks that need it")
    parser.add_argument(
        "--only", action="append", default=[], metavar="CHECK", help="run only this check (may be repeated)"
    )
    parser.add_argument(
        "--first-mac", action="store_true", help="measure what nobody could know without a Mac (plays silence)"
    )


COMMANDS = {
    "doctor": Command(
        description="Say what is wrong with this machine and what to do about it, the most important first.\n"
        "Works with and without a running pipeline, and changes nothing.\n\n"
        "Whom it contacts: the servers of [ice] stun_servers, the server of [doctor] date_url (one HEAD request, for\n"
        "its Date), your name server, OBS where [obs] says, up to three neighbours in the local network (empty\n"
        "datagrams), the machines that it is paired with, and the local network by Bonjour (for a moment).\n"
        "Never PlayStation. With --offline nobody.\n\n"
        "`partyline --at MACHINE doctor` has a paired machine check itself, if it allows this one to control it.\n\n"
        "The keychain is tried with an item of its own (partyline-doctor), which is deleted at once.\n\n"
        "exit codes of doctor:\n"
        "  0    nothing stands in the way\n"
        f"  {WARNINGS}    the worst finding is a warning\n"
        f"  {ERRORS}    there is an error",
        example="partyline doctor",
        run=doctor,
        arguments=_arguments,
    )
}
