"""`partyline https`: who can reach the pages, and the certificate that other devices trust."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import socket
import sys

from cli.shared import supervisor
from cli.shared.command import Command, json_option
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.pages.qr import echo_qr
from cli.shared.terminal import echo, echo_json, printable
from common.config import edit, settings
from common.config.https import certificate_store
from common.config.https.authority import ends_at, fingerprint, is_private, names_of, title
from common.config.https.certificate_store import Kept, certificate_file
from common.config.https.own_names import own_names
from common.config.pages import certificate_url, https_url, is_any
from common.config.settings import is_loopback
from common.config.tables import DashboardSettings
from common.files.paths import Paths
from common.system import trust_store

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what the user asked for
TABLE, KEY = "dashboard", "listen"
CONNECT_S = 1.0
"""A connection of this machine to itself takes less than a millisecond."""


def execute(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    paths.make()
    if args.trust and args.untrust:
        raise UsageError("partyline https: --trust and --untrust exclude each other.", "Use one of them.")
    match args.action:
        case "on":
            _open(paths)
        case "off":
            _close(paths)
        case "new":
            _new(paths)
    if args.trust or args.untrust:
        return _trust(paths, wanted=args.trust)
    if args.action != "off":
        _show(paths, as_json=args.json)
    return OK


def _open(paths: Paths) -> None:
    listen = settings.load(paths).dashboard.listen
    if is_loopback(listen):
        _listen(paths, EVERYWHERE)
    _current(paths)


def _close(paths: Paths) -> None:
    if is_loopback(settings.load(paths).dashboard.listen):
        echo("The pages are open to this machine only.")
        return
    _listen(paths, "")
    echo("The pages are open to this machine only. The certificate is kept for the next time.")


def _listen(paths: Paths, address: str) -> None:
    """Write the setting, and have a running dashboard read it. Raises `PartylineError`."""
    text = edit.read(paths)
    text = edit.with_value(text, TABLE, KEY, address) if address else edit.without(text, TABLE, KEY)
    settings.of_text(text, str(paths.settings_file))
    edit.write(paths, text)
    listen = settings.load(paths).dashboard.listen
    if listen != (address or DashboardSettings().listen):
        variable = settings.variable(TABLE, KEY)
        raise CommandError(f"The environment sets {variable}, and it wins over the file.", f"Unset {variable}.")
    found = supervisor.find(paths)
    if found is not None:
        found.restart(["dashboard", "webrtc"])  # webrtc runs only while other devices may come


def _new(paths: Paths) -> None:
    old = certificate_file(paths)
    if old.exists() and _is_trusted(paths):
        echo("This machine trusts the old certificate. `partyline https --untrust` would have removed it.", sys.stderr)
    certificate_store.replace(paths, own_names(settings.load(paths).dashboard.listen))
    echo("There is a new certificate. Each device has to trust it, and does not need the old one any more.")


def _current(paths: Paths) -> Kept:
    return certificate_store.current(paths, own_names(settings.load(paths).dashboard.listen)).kept


def _is_trusted(paths: Paths) -> bool:
    kept = certificate_store.load(paths)
    return kept is not None and trust_store.is_trusted(title(kept.authority.root))


def _trust(paths: Paths, *, wanted: bool) -> int:
    root = _current(paths).authority.root
    change = (trust_store.trust if wanted else trust_store.distrust)(certificate_file(paths), title(root))
    for sentence in (*change.done, *change.left):
        echo(sentence)
    return OK


def _show(paths: Paths, *, as_json: bool) -> None:
    dashboard = settings.load(paths).dashboard
    is_open = not is_loopback(dashboard.listen)
    kept = _current(paths) if is_open else certificate_store.load(paths)
    hosts = _hosts(kept, dashboard) if kept and is_open else []
    if as_json:
        echo_json(_as_data(kept, dashboard, hosts))
        return
    if not is_open:
        echo("The pages are open to this machine only. `partyline https on` opens them to other devices, encrypted.")
    else:
        where = "every network that this machine is in" if is_any(dashboard.listen) else dashboard.listen
        echo(f"The pages are open to other devices in {where}, at:")
        for host in hosts:
            echo(f"  {printable(https_url(host, dashboard.port))}/")
        for address in own_names(dashboard.listen).addresses:
            if not is_private(address):
                echo(f"  not at {address}, which is no private address, so that the certificate leaves it out")
        if hosts and not _answers(dashboard):
            echo("Nothing answers there now. `partyline up` starts it, and `partyline status` says what is wrong.")
    if kept is None:
        return
    root = kept.authority.root
    echo(f"Certificate: {printable(title(root))}, until {_day(ends_at(root))}")
    echo(f"SHA-256:     {fingerprint(root)}")
    echo(f"File:        {certificate_file(paths)}")
    trusted = "yes" if trust_store.is_trusted(title(root)) else "no (`partyline https --trust`)"
    echo(f"Trusted on this machine: {trusted}")
    if hosts:
        page = certificate_url(hosts[0], dashboard.port)
        echo(f"To trust it on another device, open {page} there and compare the SHA-256.")
        echo_qr(page)
        echo("`partyline dashboard --others` shows the addresses with their keys.")


def _answers(dashboard: DashboardSettings) -> bool:
    """Return whether something listens towards other devices. On a Mac AirDrop may have the port."""
    for address in own_names(dashboard.listen).addresses:
        with contextlib.suppress(OSError), socket.create_connection((address, dashboard.port), timeout=CONNECT_S):
            return True
    return False


def _hosts(kept: Kept, dashboard: DashboardSettings) -> list[str]:
    """Return the hosts of addresses that a browser accepts, the best one first."""
    names = names_of(kept.server)
    # Bonjour's name goes on when the address changes, and an IPv6 link-local address fits no URL
    good = [name for name in names.names if "." in name]
    usable = [address for address in names.addresses if not address.startswith("fe80")]
    return [*good, *usable] if is_any(dashboard.listen) else [dashboard.listen]


def _as_data(kept: Kept | None, dashboard: DashboardSettings, hosts: list[str]) -> dict[str, object]:
    data: dict[str, object] = {
        "open": not is_loopback(dashboard.listen),
        "addresses": [https_url(host, dashboard.port) for host in hosts],
    }
    if kept is not None:
        data |= {
            "sha256": fingerprint(kept.authority.root),
            "title": title(kept.authority.root),
            "ends": ends_at(kept.authority.root).isoformat(),
            "server_ends": ends_at(kept.server.certificate).isoformat(),
            "trusted_here": trust_store.is_trusted(title(kept.authority.root)),
        }
    return data


def _day(moment: dt.datetime) -> str:
    return moment.date().isoformat()


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=["show", "on", "off", "new"], default="show",
        help="show who can reach the pages (default), open them to others, close them, or make a new certificate",
    )  # fmt: skip
    parser.add_argument("--trust", action="store_true", help="have this machine trust the certificate")
    parser.add_argument("--untrust", action="store_true", help="undo --trust")
    json_option(parser)


COMMANDS = {
    "https": Command(
        description="Open the pages to other devices by HTTPS, with a certificate that this machine makes itself.\n\n"
        "Each device has to trust it once. A paired machine needs none: `partyline --at MACHINE dashboard`.",
        example="partyline https on",
        run=execute,
        arguments=_arguments,
    ),
}
