"""`partyline service`."""

from __future__ import annotations

import argparse

from cli.machine.service.install import install, remove, render
from cli.machine.service.status import lines_option, logs, status
from cli.shared.command import Command, json_option, part


def execute(args: argparse.Namespace) -> int:
    code: int = args.do(args)
    return code


def _daemon_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--daemon",
        action="store_true",
        help="macOS: a LaunchDaemon, which starts at boot without a login. Root installs it",
    )


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _daemon_option(part(parts, "install", "install the service and start it, also after an update", install))
    part(parts, "remove", "leave the party, stop the service and remove it", remove)
    json_option(
        part(parts, "status", "show whether it runs, how it ended last, and whether its file is up to date", status)
    )
    one = part(parts, "logs", "show the service's own output (the workers have logs of their own)", logs)
    one.add_argument("-f", "--follow", action="store_true", help="go on with what is written, until Ctrl-C")
    one.add_argument("-n", "--lines", metavar="N", type=lines_option, default=50, help="how many lines (50)")
    _daemon_option(part(parts, "render", "print the file that `install` would write", render))


COMMANDS = {
    "service": Command(
        description="Have the pipeline started by the system: by launchd on macOS (a LaunchAgent, at login), by the\n"
        "user's systemd on Linux. notes/spare-mac.md is about a Mac without a screen.",
        example="partyline service install",
        run=execute,
        arguments=_arguments,
    )
}
