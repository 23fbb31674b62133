"""`partyline dashboard`."""

from __future__ import annotations

import argparse
import sys
import webbrowser

from cli.shared import far
from cli.shared.command import Command
from cli.shared.connect import listens
from cli.shared.failures import OK, UsageError
from cli.shared.pages import far_dashboard
from cli.shared.pages.page_list import for_others, page_list
from cli.shared.pages.qr import echo_qr
from cli.shared.terminal import echo, has_browser
from common.config import dashboard_owner
from common.config.pages import FAR_PORT, Keys, base_url, draw_keys, load_keys, page_url
from common.config.settings import load
from common.config.tables import DashboardSettings
from common.files.paths import Paths


def dashboard(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths).dashboard
    paths.make()
    _check(args)
    if far.machine():
        return far_dashboard.serve(paths, args.port, opens=not args.print and has_browser())
    if args.action == "key":
        return _key(paths, settings, new=args.new)
    keys = load_keys(paths)
    if args.others:
        return _others(settings, keys)
    if dashboard_owner.check(settings, keys) == "ours" and not args.print and has_browser():
        webbrowser.open(page_url(settings, "", keys.full))
        echo(f"Opening {base_url(settings)}/ in your browser.")
    else:
        for line in addresses(settings, keys):
            echo(line)
    if not listens(paths, "broker"):
        echo("The pipeline is not running. Start it with `partyline up`.", sys.stderr)
    return OK


def _check(args: argparse.Namespace) -> None:
    if args.new and (args.action != "key" or far.machine()):
        raise UsageError(
            "partyline dashboard: --new has an effect only with `key`, on the machine itself.",
            "Run `partyline dashboard key --new`.",
        )
    if far.machine() and (args.others or args.action == "key"):
        raise UsageError("partyline --at: `dashboard` takes no `key` and no --others there.", "Use --print or --port.")


def addresses(settings: DashboardSettings, keys: Keys) -> list[str]:
    """Return a line for each page, with its address and purpose."""
    return page_list(base_url(settings), keys)


def _others(settings: DashboardSettings, keys: Keys) -> int:
    """Print the addresses for other devices. Raises `PartylineError` if none is let in."""
    base = for_others(settings)
    for line in page_list(base, keys):
        echo(line)
    echo("Each device has to trust the certificate first: `partyline https` says how.")
    echo("The dashboard, for a phone. Whoever sees this code controls partyline:")
    echo_qr(f"{base}/?key={keys.full}")
    return OK


def _key(paths: Paths, settings: DashboardSettings, *, new: bool) -> int:
    keys = draw_keys(paths) if new else load_keys(paths)
    if new:
        echo("The old keys are invalid. Open pages stop working, and the sources in OBS need the new addresses.")
    dashboard_owner.check(settings, keys)
    for line in addresses(settings, keys):
        echo(line)
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=["open", "key"],
        default="open",
        help="open the dashboard (default), or print the addresses",
    )
    parser.add_argument("--new", action="store_true", help="with `key`: create new keys and invalidate the old ones")
    parser.add_argument("--print", action="store_true", help="print the addresses and open no browser")
    parser.add_argument("--others", action="store_true", help="print the addresses for other devices")
    parser.add_argument(
        "--port", type=int, default=FAR_PORT, metavar="PORT",
        help=f"with --at MACHINE: the port on this machine (default: {FAR_PORT})",
    )  # fmt: skip


COMMANDS = {
    "dashboard": Command(
        description="Open the dashboard in your browser, or print its address and those of OBS' pages.\n\n"
        "The addresses contain keys. Those for OBS's Browser sources allow listening, the others give full control.\n"
        "Do not show them in a stream.\n\n"
        "`partyline --at MACHINE dashboard` brings the pages of a paired machine here, as long as it runs.\n\n"
        "The page for setting up the overlay shows it as it will be, writes its address and reads one that is in OBS.\n"
        "The addresses of OBS' pages accept options, each as &name=value:\n"
        "  overlay    layout=column|row|bubbles  align=left|center|right  order=joined|name|speaking|hand\n"
        "             only=speaking  grace=MS (a speaker stays)  max=PEOPLE  size=PX  dim=PERCENT (silent faces)\n"
        "             shape=round|square|free (free: pictures uncropped)  motion=bounce|mouth (by the voice's level)\n"
        "             colour=RRGGBB  background=RRGGBBAA  ring=RRGGBB\n"
        "             me=1 (yourself)  events=0 (no joined and left)  demo=1 (sample members)\n"
        "             p=… (one person: hidden, nickname, size, place; written by the page)\n"
        "  obs-audio  talker=NAME (one member, with the gain of the mix)  buffer=MS (60; more if it stutters)\n"
        "             via=websocket|webrtc (webrtc where the page comes by plain HTTP from another machine)\n"
        "  obs-stream talker=NAME",
        example="partyline dashboard key",
        run=dashboard,
        arguments=_arguments,
    )
}
