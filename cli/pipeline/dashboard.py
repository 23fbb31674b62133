"""`partyline dashboard`."""

from __future__ import annotations

import argparse
import socket
import sys
import webbrowser

from msgspec import structs

from cli.shared import dashboard_owner
from cli.shared.command import Command
from cli.shared.connect import listens
from cli.shared.failures import OK, UsageError
from cli.shared.output import has_browser, say
from common.config.pages import Keys, base_url, draw_keys, is_any, load_keys, page_url
from common.config.settings import load
from common.config.tables import Dashboard
from common.files.paths import Paths

PAGES = {"": "the dashboard", "overlay": "who speaks, for OBS", "obs-audio": "the sound, for OBS"}


def dashboard(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths).dashboard
    paths.make()
    if args.action == "key":
        return _key(paths, settings, new=args.new)
    if args.new:
        raise UsageError("`--new` draws new keys.", "Say so: `partyline dashboard key --new`.")
    keys = load_keys(paths)
    if dashboard_owner.check(settings, keys) == "ours" and not args.print and has_browser():
        webbrowser.open(page_url(settings, "", keys.full))
        say(f"Your browser opens {base_url(settings)}/.")
    else:
        for line in addresses(settings, keys):
            say(line)
    if not listens(paths, "broker"):
        say("The pipeline is not running: start it with `partyline up`.", sys.stderr)
    return OK


def addresses(settings: Dashboard, keys: Keys) -> list[str]:
    """Return a line for each page, with its address and purpose."""
    found = {what: page_url(settings, page, keys.read if page else keys.full) for page, what in PAGES.items()}
    if is_any(settings.listen):
        name = f"{socket.gethostname().lower().partition('.')[0]}.local"
        found["on another device"] = page_url(structs.replace(settings, listen=name), "", keys.full)
    width = max(map(len, found))
    return [f"{what:<{width}}  {url}" for what, url in found.items()]


def _key(paths: Paths, settings: Dashboard, *, new: bool) -> int:
    keys = draw_keys(paths) if new else load_keys(paths)
    if new:
        say("The old keys hold no more: pages that are open end, and OBS' sources want the new addresses.")
    dashboard_owner.check(settings, keys)
    for line in addresses(settings, keys):
        say(line)
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=["open", "key"], default="open", help="open it (default), or show the addresses"
    )
    parser.add_argument("--new", action="store_true", help="with `key`: draw new keys; the old ones hold no more")
    parser.add_argument("--print", action="store_true", help="print the addresses, open no browser")


COMMANDS = {
    "dashboard": Command(
        description="Open the dashboard in your browser, or show where it and OBS' pages are.\n\n"
        "The addresses hold keys: whoever has the dashboard's can do everything, whoever has the others' can listen.\n"
        "Do not show them in a stream.\n\n"
        "Behind an address OBS' pages take wishes, each as &name=value:\n"
        "  overlay    layout=column|row|bubbles  align=left|center|right  only=speaking  grace=MS  size=PX  me=1\n"
        "             shape=round|square|free (pictures as they are)\n"
        "             colour=RRGGBB  background=RRGGBBAA  ring=RRGGBB  max=PEOPLE  events=0  demo=1 (made-up people)\n"
        "  obs-audio  talker=NAME (one member, as loud as in the mix)  buffer=MS (60; more where it stutters)",
        example="partyline dashboard key",
        run=dashboard,
        arguments=_arguments,
    )
}
