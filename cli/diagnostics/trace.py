"""`partyline trace`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from cli.shared.command import Command, json_option
from cli.shared.failures import OK
from cli.shared.terminal import Style, Table, echo, echo_json, printable
from common.files.paths import Paths
from common.psn.http import trace as traces
from common.psn.http.trace import Traced

DEFAULT = 30


def trace(args: argparse.Namespace) -> int:
    found = [call for call in traces.read(Paths.of_environment().trace_file) if _wanted(call, refused=args.refused)]
    calls = sorted(found, key=lambda call: call.at)[-args.last :]
    if args.json:
        echo_json(calls)
    elif not calls:
        echo("No call was refused." if args.refused else "No call has been made yet.")
    else:
        echo("\n".join(lines(calls, Style.of(sys.stdout))))
    return OK


def _wanted(call: Traced, *, refused: bool) -> bool:
    return not refused or not 200 <= call.status < 400


def lines(calls: Sequence[Traced], style: Style) -> list[str]:
    """Return the calls as a table, followed by each refused message as sent."""
    table = Table(
        ["TIME", "STATUS", "MS", "CALL", "REPLY"],
        [
            [
                time.strftime("%H:%M:%S", time.localtime(call.at)),
                (str(call.status or "none"), "" if 200 <= call.status < 400 else "red"),
                str(call.ms),
                printable(f"{call.method} {call.host}:{call.path}"),
                printable(_reply(call)),
            ]
            for call in calls
        ],
        right="  r",
    )
    found = table.lines(style)
    for call in calls:
        if call.sent:
            at = time.strftime("%H:%M:%S", time.localtime(call.at))
            what = f"Known at {at} about" if call.host == traces.MEMBER else f"Sent at {at}, refused with"
            found += ["", f"{what} {_reply(call)}:"]
            found += [printable(line) for line in json.dumps(call.sent, indent=2, ensure_ascii=False).splitlines()]
    return found


def _reply(call: Traced) -> str:
    """Return Sony's words, code and reference id."""
    code = f"(code {call.code})" if call.code else ""
    reference = f"reference {call.reference_id}" if call.reference_id else ""
    return " ".join(part for part in (call.message, code, reference) if part)


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of calls")
    return int(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    json_option(parser)
    parser.add_argument(
        "--last", type=_number, default=DEFAULT, metavar="N", help=f"number of calls (default {DEFAULT})"
    )
    parser.add_argument("--refused", action="store_true", help="show only calls that were refused or not answered")


COMMANDS = {
    "trace": Command(
        description="Show the latest calls to PlayStation's servers: status, duration, reply and Sony's reference id.\n"
        "Refused messages to members are shown decoded. Connections that failed are shown with the kinds of\n"
        "addresses that were tried, and with the progress of DTLS.\n\n"
        "The output is fit for a bug report. It contains no token, password, address or party id. Refused\n"
        "messages contain account ids. The command also works without a running pipeline.",
        example="partyline trace --refused",
        run=trace,
        arguments=_arguments,
    )
}
