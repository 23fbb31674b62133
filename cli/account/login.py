"""`partyline login`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
import time
import webbrowser
from pathlib import Path

from cli.account import clipboard, hidden_prompt, switch_realm
from cli.account.auth_process import run_auth
from cli.account.demo import leave_first
from cli.shared import supervisor as supervisors
from cli.shared.command import Command
from cli.shared.connect import ask, connect, listens, run
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.terminal import Style, echo, has_browser, printable, span
from common.config.realm import VARIABLE, check, choose
from common.config.settings import load
from common.config.tables import PsnSettings
from common.errors import PartylineError
from common.files.paths import Paths
from common.log import logs
from common.messages import AuthState
from common.psn.account.sign_in_errors import npsso_page
from common.psn.account.sign_in_words import SignInWords
from common.requests import SignIn
from common.system import pasteboard

SIGN_IN_S = 60.0
LONGEST_PASTE = 64 * 1024
COLUMNS = 90
"""Width of the steps, chosen for a terminal of 100 columns."""
WORDS = SignInWords()
NEXT_STEPS = (
    "Join a party with `partyline join` (see `partyline parties`), or with a share link: `partyline join LINK`."
)


def login(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    check("playstation")
    pasted = _pasted(args.npsso_file, settings.psn, watch=not args.no_clipboard)
    logs.remember(pasted)
    found = supervisors.find(paths)
    echo("Signing in to PlayStation Network …")
    began = time.time()
    if found is None and not listens(paths, "auth"):
        return _offline(paths, settings.psn.realm, pasted, began)
    auth = run(_online(paths, pasted, found))
    _welcome(auth.online_id or auth.account_id, auth.refresh_expires_at - began)
    echo(NEXT_STEPS)
    return OK


# --- the paste ---------------------------------------------------------------------------------------


def steps(psn: PsnSettings, style: Style, watched: str = "", *, opened: bool = False) -> list[str]:
    """Return the person's steps. `watched` is the tool that reads the clipboard, `opened`: the browser is open."""
    sign_in = f"Your browser opens {psn.sign_in_url}." if opened else f"In your browser, open {psn.sign_in_url}."
    return [
        style("Sign in to PlayStation Network", "bold"),
        "",
        f"  1. {sign_in}",
        *_wrapped(WORDS.sign_in, "     "),
        *_wrapped(WORDS.age, "     "),
        f"  2. In the same window, open {style(npsso_page(psn), 'cyan')}",
        *_wrapped(WORDS.copy_all, "     "),
        *(_watched(watched) if watched else ["  3. Paste it here. It is neither shown nor logged."]),
        "",
        *_wrapped(WORDS.careful, "  "),
        *_wrapped(WORDS.ends, "  "),
        "",
    ]


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(words, COLUMNS, initial_indent=indent, subsequent_indent=indent)


def _watched(tool: str) -> list[str]:
    return [
        f"  3. Done: partyline reads the clipboard (with {tool}) and takes the NPSSO from it, and",
        f"     nothing else, if you copy it now. It stops at any key, or after {span(hidden_prompt.POLL_FOR_S)}.",
        "     You can also paste it here. It is neither shown nor logged.",
    ]


def _pasted(source: str, psn: PsnSettings, *, watch: bool = True) -> str:
    if source == "-":
        text = sys.stdin.read(LONGEST_PASTE)
    elif source:
        text = _from_file(Path(source).expanduser())
    elif sys.stdin.isatty():
        text = _asked(psn, watch=watch)
    else:
        raise UsageError(
            "There is no terminal to paste into.", "Use `partyline login --npsso-file FILE`, or - for standard input."
        )
    if not text.strip():
        raise CommandError("Nothing was pasted.", "Copy the NPSSO as `partyline login` describes, and try again.")
    return text.strip()


def _from_file(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as stream:
            return stream.read(LONGEST_PASTE)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise CommandError(
            f"{file} cannot be read: {reason}.", "Put the NPSSO into a text file, or use - for standard input."
        ) from error


def _asked(psn: PsnSettings, *, watch: bool) -> str:
    tool = clipboard.tool(sys.platform, os.environ, shutil.which) if watch else None
    watching = _watch(tool, psn) if tool else None
    opens = sys.stdout.isatty() and has_browser()
    for line in steps(psn, Style.of(sys.stdout), tool.name if tool else "", opened=opens):
        echo(line)
    if opens:
        webbrowser.open(psn.sign_in_url)
    found: list[str] = []

    def poll() -> str | None:
        text = watching.poll() if watching else None
        found.extend([text] if text else [])
        return text

    try:
        text = hidden_prompt.ask("NPSSO (hidden): ", poll if watching else None)
    except EOFError:
        return ""
    if found:
        echo("The NPSSO was taken from the clipboard.")
    return text


def _watch(tool: clipboard.Tool, psn: PsnSettings) -> clipboard.ClipboardWatch:
    changes, asks = pasteboard.change_counter(), sys.platform == "darwin"
    return clipboard.ClipboardWatch(lambda: clipboard.read(tool), psn, changes, asks=asks)


# --- signing in --------------------------------------------------------------------------------------


async def _online(paths: Paths, pasted: str, supervisor: supervisors.Supervisor | None) -> AuthState:
    """Sign in first and then switch the pipeline, so that a refused paste changes nothing."""
    async with connect(paths) as (bus, bus_state):
        try:
            state: AuthState = await ask(bus, SignIn(pasted=pasted, realm="playstation"), SIGN_IN_S)
        except PartylineError as error:
            raise with_consequence(error, bus_state.realm, bus_state.one(AuthState)) from error
        try:
            if bus_state.realm != "playstation":
                await leave_first(bus, bus_state)
            choose(paths, "playstation")
            await switch_realm.switch(bus, supervisor, "playstation")
        except PartylineError as error:
            raise CommandError(
                f"You are signed in, but the pipeline did not switch to PlayStation Network: {error.message}",
                error.remedy,
            ) from error
        return state


def _offline(paths: Paths, realm: str, pasted: str, began: float) -> int:
    """Sign in without a pipeline, by auth in a separate process."""
    try:
        answer = run_auth("sign-in", "--npsso-file", "-", stdin=pasted, env={VARIABLE: "playstation"})
    except PartylineError as error:
        raise with_consequence(error, realm) from error
    choose(paths, "playstation")
    _welcome(
        str(answer.get("online_id") or answer.get("account_id", "")), float(answer.get("refresh_expires_at", 0)) - began
    )
    echo("Start the pipeline with `partyline up`, then join a party with `partyline join`.")
    return OK


def with_consequence(error: PartylineError, realm: str, auth: AuthState | None = None) -> PartylineError:
    """Return `error` with a sentence about the sign-in and realm that stay in force."""
    holds = ""
    if realm == "simulator":
        holds = " The pipeline still uses the simulator."
    elif auth is not None and auth.state in ("signed_in", "refreshing"):
        holds = f" The earlier sign-in as {printable(auth.online_id or auth.account_id)} is still valid."
    error.message += holds
    return error


def _welcome(name: str, lasts_s: float) -> None:
    """Print the welcome. `lasts_s` is the validity of the sign-in in seconds, 0 or less if unknown."""
    style = Style.of(sys.stdout)
    left = f" The sign-in is valid for at most {span(lasts_s)}." if lasts_s > 0 else ""
    echo(style(f"Signed in to PlayStation Network as {printable(name)}.", "green") + left)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--npsso-file",
        metavar="FILE",
        default="",
        help="read the NPSSO (or its JSON, or the redirect URL) from FILE, or from standard input with -",
    )
    parser.add_argument("--no-clipboard", action="store_true", help="do not read the clipboard")


COMMANDS = {
    "login": Command(
        description="Sign in to PlayStation Network and switch the pipeline to it.\n\n"
        "You sign in on Sony's pages in your own browser and copy the NPSSO. The command shows the steps. On a\n"
        "desktop it reads the clipboard until your first key and takes the NPSSO from it. You can also paste it.\n"
        "The NPSSO is as good as your password. It is sent to Sony only. `partyline demo` switches back.",
        example="partyline login",
        run=login,
        arguments=_arguments,
    )
}
