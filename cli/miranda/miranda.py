"""`partyline miranda`, the tools for messages between party members. It needs no pipeline."""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cli.miranda import view
from cli.miranda.diff import differences
from cli.miranda.pasted import LONGEST, Pasted, read
from cli.miranda.view import Shown
from cli.shared.command import Command, json_option
from cli.shared.failures import FAILED, OK, CommandError, UsageError
from cli.shared.terminal import Style, echo, echo_json
from common.psn.miranda import frames
from common.psn.miranda.frames import MessageEnd, MirandaFrame, MirandaMessage
from common.psn.miranda.platforms import UNKNOWN, code_of, name_of
from common.psn.party import sessions
from common.psn.sdp import dialect

_LONGEST_PATH = 4096
_MAX_U32 = 0xFFFF_FFFF


def decode(args: argparse.Namespace) -> int:
    """Show a frame field by field."""
    found, shown = read(_text(args.what)), Shown(secrets=args.secrets)
    if args.json:
        echo_json(view.as_json(found, shown))
    else:
        echo("\n".join(view.as_text(found, Style.of(sys.stdout), shown)))
    return OK


def diff(args: argparse.Namespace) -> int:
    """Compare two messages. The exit code is 1 if they differ."""
    if args.left == args.right == "-":
        raise UsageError(
            "partyline miranda diff: only one of the two can be standard input.",
            "Give the other one as a file or as text.",
        )
    found = differences(read(_text(args.left)), read(_text(args.right)))
    shown = Shown(secrets=args.secrets)
    if args.json:
        echo_json([view.difference_json(difference, shown) for difference in found])
    else:
        echo("\n".join(view.differences_text(found, Style.of(sys.stdout), shown)))
    return FAILED if found else OK


def lint(args: argparse.Namespace) -> int:
    """Check a description against the app's dialect. The exit code is 1 on an error or a warning."""
    found, shown = read(_text(args.what)), Shown(secrets=args.secrets)
    if found.sdp is None:
        raise CommandError(f"There is no SDP in {found.kind}.", "Paste an offer or an answer.")
    if args.json:
        echo_json(view.findings_json(found, shown))
    else:
        echo("\n".join(view.findings_text(found, Style.of(sys.stdout), shown)))
    return FAILED if any(finding.severity != "note" for finding in view.findings(found)) else OK


# --- encode ------------------------------------------------------------------------------------------


def encode(args: argparse.Namespace) -> int:
    """Build a frame from a message's JSON or from SDP. It is meant to be sent, so nothing in it is redacted."""
    message = _message(read(_text(args.what)), args)
    frame = msgspec.structs.replace(frames.frame(message), counter=args.counter)
    payload = frames.encode_payload(frame)
    made = _FORMATS[args.format](payload, frame)
    if args.json:
        echo_json({"payload": payload, args.format: made})
    elif isinstance(made, str):
        echo(made)
    else:
        echo_json(made)
    return OK


def _message(found: Pasted, args: argparse.Namespace) -> MirandaMessage:
    if isinstance(found.message, dict):
        data = dict(found.message)
        if args.sender:
            data["from"] = _end(args.sender)
        if args.to:
            data["to"] = _end(args.to)
        if "from" not in data:
            raise UsageError("The message names no sender.", "Add `--sender ACCOUNT/PLATFORM`.")
        return frames.decode_message(msgspec.json.encode(data))
    if found.sdp is None:
        raise CommandError(f"There is no message in {found.kind}.", "Give a message as JSON, or SDP.")
    if not (args.sender and args.to):
        raise UsageError(
            "SDP names neither sender nor recipient.", "Add `--sender ACCOUNT/PLATFORM --to ACCOUNT/PLATFORM`."
        )
    kind = dialect.kind_of(found.sdp)
    return frames.message(kind, args.sender, args.to, found.sdp, args.sequence, args.global_seq)


def _end(party: MessageEnd) -> dict[str, Any]:
    return {"account_id": party.account_id, "platform": party.platform}


def _request(payload: str, frame: MirandaFrame) -> dict[str, Any]:
    to = frame.message.recipient
    if to is None:
        raise UsageError("The message names no recipient.", "Add `--to ACCOUNT/PLATFORM`.")
    return sessions.custom_message_body(frames.CHANNEL, payload, to.account_id, name_of(to.platform))


_FORMATS: dict[str, Callable[[str, MirandaFrame], Any]] = {
    "payload": lambda payload, _: payload,
    "base64": lambda _, frame: base64.b64encode(frames.encode_body(frame)).decode(),
    "hex": lambda _, frame: frames.encode_body(frame).hex(),
    "request": _request,
}


# --- arguments ---------------------------------------------------------------------------------------


def _text(what: str) -> str:
    """Return the text of an argument, from standard input (``-``), a file, or the argument itself."""
    if what == "-":
        return sys.stdin.buffer.read(LONGEST + 1).decode("utf-8", "replace")
    file = _file(what)
    if file is None:
        return what
    try:
        with file.open("rb") as stream:
            return stream.read(LONGEST + 1).decode("utf-8", "replace")
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror}.", "Check the name and the permissions of the file."
        ) from error


def _file(what: str) -> Path | None:
    if len(what) > _LONGEST_PATH or "\n" in what or "\0" in what:
        return None
    try:
        file = Path(what).expanduser()
        return file if file.is_file() else None
    except (OSError, RuntimeError):
        return None  # too long for a name, or ~ without a home, so it is text


def _party(text: str) -> MessageEnd:
    account_id, _, platform = text.partition("/")
    code = code_of(platform or "MOBILE_APP")
    if not (account_id.isascii() and account_id.isdecimal()) or int(account_id) >= 1 << 64 or code == UNKNOWN:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not ACCOUNT/PLATFORM, e.g. 1234567890123456789/PS5")
    return MessageEnd(account_id=account_id, platform=code)


def _counter(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > _MAX_U32:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not an unsigned 32-bit number")
    return int(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", dest="action", required=True, metavar="ACTION")
    for name, (act, description) in _ACTIONS.items():
        below = actions.add_parser(
            name, help=description, description=description[0].upper() + description[1:] + ".", allow_abbrev=False
        )
        below.set_defaults(act=act)
        if name == "diff":
            below.add_argument("left", metavar="A", help="text, a file, or - for standard input")
            below.add_argument("right", metavar="B", help="text, a file, or - for standard input, to compare with A")
        else:
            below.add_argument(
                "what", nargs="?", default="-", metavar="WHAT", help="text, a file, or - for standard input (default)"
            )
        json_option(below)
        if name == "encode":
            _encode_arguments(below)
        else:
            below.add_argument("--secrets", action="store_true", help="show ICE passwords and tokens")


def _encode_arguments(parser: argparse.ArgumentParser) -> None:
    party: dict[str, Any] = {"type": _party, "metavar": "ACCOUNT/PLATFORM"}
    parser.add_argument("--sender", **party, help="sender, for the header and `from` (default: `from` of the JSON)")
    parser.add_argument("--to", **party, help="recipient (default: `to` of the JSON)")
    parser.add_argument("--counter", type=_counter, default=1, help="field at offset 8 of the header (default 1)")
    parser.add_argument("--sequence", type=_counter, default=1, help="sdp_sequence_number, for SDP input (default 1)")
    parser.add_argument("--global-seq", type=_counter, default=1, help="global_seq_num, for SDP input (default 1)")
    parser.add_argument(
        "--as", dest="format", choices=_FORMATS, default="payload", help="output format (default: payload)"
    )


_ACTIONS: dict[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "decode": (decode, "show a frame field by field (header, JSON, SDP) and its faults"),
    "encode": (encode, "build a frame from a message's JSON or from SDP, without redaction"),
    "diff": (diff, "compare two messages (exit code 1 if they differ)"),
    "lint": (lint, "check SDP against the app's dialect (exit code 1 on an error or a warning)"),
}


def run(args: argparse.Namespace) -> int:
    status: int = args.act(args)
    return status


COMMANDS = {
    "miranda": Command(
        description=(
            "Decode, build, compare and check the messages between party members (channel miranda:12). The input\n"
            "is a payload, a frame in base64 or hex, a customMessage request, a push event, a message's JSON, or SDP,\n"
            "given as text, as a file, or on standard input."
        ),
        example="partyline miranda decode < pasted.txt",
        run=run,
        arguments=_arguments,
    )
}
