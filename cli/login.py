"""`partyline login`."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
import webbrowser
from pathlib import Path

from cli import realm as realms
from cli import supervisor as supervisors
from cli.command import Command
from cli.demo import leave_first
from cli.failures import OK, CommandError, UsageError
from cli.once import auth_once
from cli.output import Style, printable, say, span
from cli.pipeline import ask, connect, listens, run
from common import logs
from common.messages import AuthState
from common.paths import Paths
from common.requests import SignIn
from common.settings import Psn, load

SIGN_IN_S = 60.0
LONGEST_PASTE = 64 * 1024
NEXT_IN_PARTY = "See `partyline parties`, then `partyline join`, or `partyline join LINK` with a share link."


def login(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    pasted = _pasted(args.npsso_file, settings.psn)
    logs.remember(pasted)
    realms.choose(paths, "playstation")
    found = supervisors.find(paths)
    if found is None and not listens(paths, "auth"):
        return _offline(pasted)
    say("Signing in to PlayStation Network …")
    auth = run(_online(pasted, found))
    _welcome(auth.online_id or auth.account_id, auth.refresh_expires_at)
    say(NEXT_IN_PARTY)
    return OK


# --- the paste ---------------------------------------------------------------------------------------


def steps(psn: Psn, style: Style) -> list[str]:
    """Return what the person does in the browser."""
    page = psn.account_url.rstrip("/") + psn.sso_cookie_path
    return [
        style("Sign in to PlayStation Network", "bold"),
        "",
        "  1. In your own browser, sign in at https://www.playstation.com, with passkey",
        "     or 2-step code as usual. Take a private window for each account; a new",
        "     account must have accepted the terms there first.",
        f"  2. In the same window, open {style(page, 'cyan')}",
        '     It shows {"npsso":"…"}. Copy all of it, or the 64 characters alone.',
        "  3. Paste it here. It will not be shown, and no log will have it.",
        "",
        "  The NPSSO is the ticket of your sign-in: as good as your password for about",
        "  60 days. Give it to nobody. Signing in or out again in that browser ends it.",
        "",
    ]


def _pasted(source: str, psn: Psn) -> str:
    if source == "-":
        text = sys.stdin.read(LONGEST_PASTE)
    elif source:
        text = _from_file(Path(source).expanduser())
    elif sys.stdin.isatty():
        text = _asked(psn)
    else:
        raise UsageError(
            "There is no terminal to paste into.", "Use `partyline login --npsso-file FILE`, or - for stdin."
        )
    if not text.strip():
        raise CommandError(
            "Nothing was pasted.", "Copy the NPSSO as the steps of `partyline login` say, and try again."
        )
    return text.strip()


def _from_file(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as stream:
            return stream.read(LONGEST_PASTE)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CommandError(f"{file} cannot be read: {reason}.", "Put the NPSSO into a text file, or use -.") from error


def _asked(psn: Psn) -> str:
    for line in steps(psn, Style.of(sys.stdout)):
        say(line)
    if sys.stdout.isatty() and _has_browser():
        webbrowser.open(psn.account_url.rstrip("/") + psn.sso_cookie_path)
    try:
        return getpass.getpass("NPSSO (hidden): ")
    except EOFError:
        return ""


def _has_browser() -> bool:
    """Return whether a window can open: a text browser would take this terminal over."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --- signing in --------------------------------------------------------------------------------------


async def _online(pasted: str, supervisor: supervisors.Supervisor | None) -> AuthState:
    async with connect() as (bus, picture):
        if picture.realm != "playstation":
            await leave_first(bus, picture)
        await realms.turn(bus, supervisor, "playstation")
        state: AuthState = await ask(bus, SignIn(pasted=pasted), SIGN_IN_S)
        return state


def _offline(pasted: str) -> int:
    """Sign in without a pipeline: auth does it in a process of its own."""
    answer = auth_once("sign-in", "--npsso-file", "-", stdin=pasted)
    _welcome(str(answer.get("online_id") or answer.get("account_id", "")), float(answer.get("refresh_expires_at", 0)))
    say("Start the pipeline with `partyline up`; then `partyline join`.")
    return OK


def _welcome(name: str, expires_at: float) -> None:
    style = Style.of(sys.stdout)
    left = f" The sign-in lasts {span(expires_at - time.time())} at most." if expires_at else ""
    say(style(f"Signed in to PlayStation Network as {printable(name)}.", "green") + left)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--npsso-file",
        metavar="FILE",
        default="",
        help="read the NPSSO (or its JSON, or the redirect URL) from FILE, or from standard input with -",
    )


COMMANDS = {
    "login": Command(
        description="Sign in to PlayStation Network and turn the pipeline to it.\n\n"
        "You sign in on Sony's pages in your own browser and paste the NPSSO here; the steps are shown.\n"
        "The NPSSO is as good as your password: it goes to Sony only. `partyline demo` goes back.",
        example="partyline login",
        run=login,
        arguments=_arguments,
    )
}
