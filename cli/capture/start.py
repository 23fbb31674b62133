"""`partyline capture start`, a mitmproxy between a phone and Sony's servers that scrubs while it writes."""

from __future__ import annotations

import argparse
import ipaddress
import re
import signal
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import ifaddr
import msgspec
import segno

from captures.read import flows
from captures.read.live import Intake, LiveFolder, Refused, Seen, TurnedAway
from captures.read.proxy import VERSION, Environment, Mitmdump, check_port
from captures.tell.checklist import STEPS, Checklist
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.output import Style, counted, printable, say, span
from common.files.paths import Paths
from common.files.state import UNUSABLE
from common.psn.http.endpoints import SimulatorInfo

PAGE = "http://mitm.it"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # a phone must reach it
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,60}", re.ASCII)


def start(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    name = args.name or time.strftime("%Y-%m-%d-%H%M%S")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a folder.", "Use letters, digits, dots and dashes.")
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
            f"mitmdump cannot be started: {error.strerror}.", f"Remove {environment.folder} and start again."
        ) from error
    return _Session(args, environment, into, proxy).run()


def _install(environment: Environment) -> None:
    say(f"mitmproxy {VERSION} is needed, once: it goes into an environment of its own, apart from partyline's,")
    say(f"in {environment.folder}. That takes 132 MB and half a minute or so …")
    began = time.monotonic()
    environment.make()
    say(f"It is installed (after {span(time.monotonic() - began)}).")
    say()


def _simulator(file: str) -> SimulatorInfo:
    try:
        info = msgspec.json.decode(Path(file).expanduser().read_bytes(), type=SimulatorInfo)
    except (OSError, *UNUSABLE) as error:
        raise CommandError(f"{file} does not tell of a running simulator.", _REHEARSAL) from error
    if not info.tls_url:
        raise CommandError("That simulator does not answer under Sony's names.", _REHEARSAL)
    return info


_REHEARSAL = "Start one with `python -m simulator --tls cert.pem --info sim.json`, and name sim.json here."


def addresses(host: str) -> list[str]:
    """Return the addresses at which a phone may find this machine, the likeliest first."""
    if host != EVERYWHERE:
        return [host]
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    found = [address for address in found if not address.startswith(("127.", "169.254."))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, only selects the outgoing interface
            likely = probe.getsockname()[0]
        except OSError:
            likely = ""
    return sorted(dict.fromkeys(found), key=lambda address: address != likely)


def directions(where: list[str], port: int, style: Style) -> list[str]:
    """Return the steps for the person at the phone, with the certificate page's QR code."""
    first = where[0] if where else "(this machine has no address in a network)"
    more = [f"        (or {', '.join(where[1:])}, whichever the phone can reach)"] if where[1:] else []
    return [
        style("On the phone, in the same Wi-Fi", "bold"),
        "",
        "  1. Settings, Wi-Fi, this network, HTTP proxy: manual",
        f"        server  {style(first, 'cyan')}",
        *more,
        f"        port    {style(str(port), 'cyan')}",
        f"  2. Open {style(PAGE, 'cyan')} in the phone's browser, or point its camera here. The page exists only",
        "     behind this proxy. Install the certificate for your system.",
        "",
        *("     " + line for line in qr_lines(PAGE)),
        "",
        "     iPhone: also Settings, General, About, Certificate Trust Settings: switch it on.",
        "     Android: most apps do not trust such a certificate; see notes/how-to-capture.md.",
        "  3. Close the PlayStation App altogether, open it again, and do, slowly:",
        "",
        *(f"        [ ] {step.name:<14}{step.how}" for step in STEPS),
        "",
        "Only Sony's hosts are looked at; everything else passes through unread and unrecorded.",
        "Ctrl-C ends the capture.",
        "",
    ]


def qr_lines(text: str) -> list[str]:
    """Return a QR code in half blocks, dark on light whatever the terminal's colours."""
    rows = [list(row) for row in segno.make_qr(text).matrix_iter(border=4)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    lines = ["".join(blocks[bool(a), bool(b)] for a, b in zip(*rows[at : at + 2], strict=True))
             for at in range(0, len(rows), 2)]  # fmt: skip
    on = sys.stdout.isatty()
    return [f"\x1b[97;40m{line}\x1b[0m" if on else line for line in lines]


class _Session:
    """One capture from mitmdump's start to its end."""

    def __init__(self, args: argparse.Namespace, environment: Environment, into: LiveFolder, proxy: Mitmdump) -> None:
        self._args = args
        self._environment = environment
        self._into = into
        self._proxy = proxy
        self._list = Checklist()
        self._style = Style.of(sys.stdout)
        self._live = sys.stdout.isatty()
        self._refused: set[str] = set()
        self._asked = 0

    def run(self) -> int:
        before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            ready, damage = self._read()
        finally:
            said = self._proxy.ended()
            for number, handler in before.items():
                signal.signal(number, handler)
        self._clear()
        if not ready:
            self._into.discard()
            raise CommandError(
                f"mitmdump did not start: {said or 'it ended at once'}.", "See the message; then try again."
            )
        if said and not damage:
            damage = "mitmdump failed on the way"
        self._into.close(damage)
        return self._farewell(damage, said)

    def _stop(self, number: int, frame: object) -> None:
        """End mitmdump. Its pending flows are still read. A second signal ends it at once."""
        del number, frame
        self._asked += 1
        self._proxy.stop() if self._asked == 1 else self._proxy.kill()

    def _read(self) -> tuple[bool, str]:
        """Read all of mitmdump's records. Return whether it was ever ready, and why it ended early, if it did."""
        intake, ready = Intake(self._into), False
        for record in flows.records(self._proxy.pipe):
            if record.get("what") == "ready":
                ready = True
                for line in directions(addresses(self._args.host), self._args.port, self._style):
                    say(line)
            for item in intake.take(record):
                self._show(item)
            self._status()
        return ready, "" if self._asked else "mitmdump ended by itself"

    # --- what is shown ------------------------------------------------------------------------------

    def _show(self, item: Seen) -> None:
        if isinstance(item, Refused):
            self._show_refused(item.host)
        elif isinstance(item, TurnedAway):
            self._show_turned_away(item)
        elif step := self._list.take(item):
            self._line(self._style("  [x] ", "green") + f"{step.name:<14}{self._list.seen[step.name]:.0f} s")

    def _show_refused(self, host: str) -> None:
        if host in self._refused:
            return
        self._refused.add(host)
        self._line(
            self._style("  [!] ", "yellow")
            + f"{printable(host)}: the phone does not take this proxy's certificate. If it "
            "is installed and trusted,\n      the app insists on Sony's own, and that is the end of this way."
        )

    def _show_turned_away(self, item: TurnedAway) -> None:
        if item.host in self._refused:
            return
        self._refused.add(item.host)
        says = (
            f"{item.host} was turned away: this capture is that of {item.phone}. If that is not your phone,\n"
            f"      end this one, and start it with --phone {item.host}."
            if item.phone
            else f"the phone wanted {item.host}, which is on this machine: that is not for it."
        )
        self._line(self._style("  [!] ", "yellow") + "\n".join(map(printable, says.splitlines())))

    def _line(self, text: str) -> None:
        self._clear()
        say(text)

    def _clear(self) -> None:
        if self._live:
            sys.stdout.write("\r\x1b[K")

    def _status(self) -> None:
        if not self._live:
            return
        about = self._into.about
        sys.stdout.write(
            f"\r\x1b[K  {counted(about.exchanges, 'exchange')}, {counted(about.frames, 'push message')}, "
            f"{counted(about.other_hosts, 'connection')} elsewhere"
        )
        sys.stdout.flush()

    def _farewell(self, damage: str, said: str) -> int:
        about, place = self._into.about, self._into.place
        say()
        say(f"{counted(about.exchanges, 'exchange')} and {counted(about.frames, 'push message')} are in {place}.")
        if self._list.missing:
            say(f"Not seen: {', '.join(step.name for step in self._list.missing)}.")
        for line in next_steps(place if about.exchanges else None, self._environment):
            say(line)
        if damage:
            raise CommandError(
                f"{damage[0].upper()}{damage[1:]}{': ' + said if said else ''}.", f"What came before is in {place}."
            )
        if not about.exchanges:
            raise CommandError(
                "Nothing of Sony's was seen.",
                "Check the phone's proxy settings and the certificate; notes/how-to-capture.md says what to expect.",
            )
        return OK


def next_steps(place: Path | None, environment: Environment) -> list[str]:
    """Return the next steps. `place` is the capture, or None if it is empty."""
    looking = [
        f"  - partyline capture verify {place}   is anything left?",
        f"  - partyline capture report {place}   what it says",
        f"  - partyline capture compare {place}   where our client differs",
        "  - Sign out everywhere in the account's settings, so that the tokens that passed here die.",
    ]
    return [
        "",
        "Now:",
        "  - On the phone: HTTP proxy off, and remove the certificate (iPhone: its profile).",
        f"  - Here: rm -r {environment.authority}   (the key that the phone trusted)",
        *(looking if place else []),
    ]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name", metavar="NAME", help="of the folder in captures/ of $PARTYLINE_HOME (default: the time)"
    )
    parser.add_argument("--port", type=_port, default=8080, metavar="P", help="where the phone finds the proxy (8080)")
    parser.add_argument(
        "--host", default=EVERYWHERE, metavar="A", help="address to listen on (default: all of this machine's)"
    )
    parser.add_argument(
        "--phone", type=_address, default="", metavar="A", help="its address: no other device is served (default: the "
        "first one that comes)",
    )  # fmt: skip
    parser.add_argument(
        "--rehearse", metavar="FILE",
        help="without Sony: their names lead to the simulator of this --info file; nothing leaves this machine",
    )  # fmt: skip


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no address") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)
