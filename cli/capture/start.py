"""`partyline capture start`, a mitmproxy between a phone and Sony's servers that scrubs while it writes."""

from __future__ import annotations

import argparse
import ipaddress
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from captures.read.live import LiveFolder
from captures.read.proxy import VERSION, Environment, Mitmdump, check_port
from cli.capture.capture_run import CaptureRun
from cli.shared.failures import CommandError, UsageError
from cli.shared.lan_addresses import EVERYWHERE
from cli.shared.terminal import echo, span
from common.files.paths import Paths
from common.files.state import UNUSABLE
from common.psn.http.endpoints import SimulatorInfo

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,60}", re.ASCII)


def start(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    name = args.name or time.strftime("%Y-%m-%d-%H%M%S")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"partyline capture start: {name!r} is not a valid name.", "Use letters, digits, dots and dashes."
        )
    check_port(args.host, args.port)
    simulator = _simulator(args.rehearse) if args.rehearse else None
    environment = Environment.of(paths)
    if not environment.ready:
        _install(environment)
    into = LiveFolder(paths.home / "captures" / name)
    rehearsal = urlsplit(simulator.tls_url).port or 0 if simulator else 0
    trusted = Path(simulator.tls_file) if simulator else None
    try:
        proxy = Mitmdump(environment, args.host, args.port, rehearsal=rehearsal, trusted=trusted, phone=args.phone)
    except OSError as error:
        into.discard()
        raise CommandError(
            f"mitmdump cannot be started: {error.strerror}.", f"Remove {environment.folder}, then try again."
        ) from error
    return CaptureRun(args, environment, into, proxy).run()


def _install(environment: Environment) -> None:
    echo(f"Installing mitmproxy {VERSION} into a separate environment in {environment.folder}.")
    echo("This is needed once. It takes 132 MB and about half a minute …")
    began = time.monotonic()
    environment.make()
    echo(f"Installed after {span(time.monotonic() - began)}.")
    echo()


def _simulator(file: str) -> SimulatorInfo:
    try:
        info = msgspec.json.decode(Path(file).expanduser().read_bytes(), type=SimulatorInfo)
    except (OSError, *UNUSABLE) as error:
        raise CommandError(f"{file} is not the --info file of a simulator.", _REHEARSAL) from error
    if not info.tls_url:
        raise CommandError("The simulator does not serve Sony's host names.", _REHEARSAL)
    return info


_REHEARSAL = "Start one with `python -m simulator --tls cert.pem --info sim.json`, then use `--rehearse sim.json`."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", metavar="NAME", help="name of the folder in $PARTYLINE_HOME/captures (default: the time)"
    )
    parser.add_argument("--port", type=_port, default=8080, metavar="P", help="port of the proxy (default 8080)")
    parser.add_argument(
        "--host", default=EVERYWHERE, metavar="A", help="address to listen on (default: all addresses of this machine)"
    )
    parser.add_argument(
        "--phone", type=_address, default="", metavar="A", help="address of the phone, the only device that is "
        "served (default: the first device that connects)",
    )  # fmt: skip
    parser.add_argument(
        "--rehearse", metavar="FILE",
        help="use a simulator, given by its --info file, instead of Sony's servers; nothing leaves this machine",
    )  # fmt: skip


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)
