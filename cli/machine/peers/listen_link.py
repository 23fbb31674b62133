"""`partyline listen-link`."""

from __future__ import annotations

import argparse
from urllib.parse import urlsplit

from cli.shared import far
from cli.shared.command import Command
from cli.shared.connect import QUICK_S, ask, ask_once, connect, run
from cli.shared.failures import OK, CommandError
from cli.shared.lan_addresses import EVERYWHERE, addresses
from cli.shared.terminal import echo
from common.bus.peers import keyring
from common.bus.peers.far_site import split
from common.config.pages import is_any
from common.config.settings import is_loopback, load
from common.config.tables import DashboardSettings
from common.files.paths import Paths
from common.messages import WorkerHealth
from common.requests import ForgetListeners, ListenLink, MakeListenLink
from common.system.hostname import local_name


def listen_link(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths).dashboard
    if not far.machine() and is_loopback(settings.listen):
        raise CommandError(
            "The dashboard is open to this machine only, so no other one can listen.",
            "Run `partyline https on`, in a network that you trust.",
        )
    if args.forget:
        run(ask_once(ForgetListeners(), QUICK_S))
        echo("Nobody listens by a link any more. Who is to listen again needs a new one.")
        return OK
    made, port = run(_made(args.talker))
    for host in _hosts(settings, paths):
        echo(f"http://{f'[{host}]' if ':' in host else host}:{port or settings.port}{made.path}")
    echo(
        f"Open one of these on the other machine within {made.expires_s / 60:.0f} minutes, in a browser or as a "
        "Browser Source in OBS. It opens once, and the sound only. That browser or OBS may listen again later."
    )
    return OK


def _hosts(settings: DashboardSettings, paths: Paths) -> list[str]:
    """Return where another machine finds the dashboard, the likeliest first."""
    if far.machine():
        return [split(keyring.loaded_or_new(paths).named(far.machine()).address)[0]]
    if is_any(settings.listen):
        return [local_name(), *addresses(EVERYWHERE)]
    return [settings.listen]


async def _made(talker: str) -> tuple[ListenLink, int]:
    """Return a link, and the port of the dashboard as it says itself (0 if it does not)."""
    async with connect() as (bus, bus_state):
        made = await ask(bus, MakeListenLink(talker=talker), QUICK_S)
        health = bus_state.of(WorkerHealth, "dashboard")
        return made, urlsplit(health.facts.get("url", "")).port or 0 if health else 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--talker", metavar="MEMBER", default="", help="only this member, in place of the mix")
    parser.add_argument("--forget", action="store_true", help="end the listening of all who came by a link")


COMMANDS = {
    "listen-link": Command(
        description="Make a link by which a browser, or OBS, on another machine hears the party.\n\n"
        "Nothing is installed there, and no certificate is needed (WebRTC). The link has no key of the dashboard: it\n"
        "works once, for ten minutes, and opens the sound only. The browser that opened it may listen again, until it\n"
        "was away for 90 days, `--forget`, or `partyline dashboard key --new`.\n"
        "The dashboard must be open to other devices: `partyline https on`.",
        example="partyline listen-link --talker Bo-Streams",
        run=listen_link,
        arguments=_arguments,
    )
}
