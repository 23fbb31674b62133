"""`partyline login`."""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import textwrap
import webbrowser
from pathlib import Path

from cli.account import clipboard, hidden_prompt
from cli.account.ways import way as sign_in_way
from cli.shared import far
from cli.shared.command import Command
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.terminal import Style, echo, has_browser, printable, span
from common.config.settings import load
from common.config.tables import PsnSettings
from common.files.paths import Paths
from common.log import logs
from common.psn.account.sign_in_errors import npsso_page
from common.psn.account.sign_in_words import SignInWords
from common.system import pasteboard

LONGEST_PASTE = 64 * 1024
COLUMNS = 90
"""Width of the steps, chosen for a terminal of 100 columns."""
WORDS = SignInWords()


def login(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    if args.phone and args.npsso_file:
        raise UsageError("partyline login: --phone and --npsso-file exclude each other.", "Use one of them.")
    way = sign_in_way(paths, settings)
    if args.phone:
        signed = importlib.import_module("cli.account.phone.from_phone").from_phone(settings, way, args.address)
    else:
        pasted = _pasted(args.npsso_file, settings.psn, watch=not args.no_clipboard)
        logs.remember(pasted)
        echo(f"Signing {far.machine() or 'in'}{' in' if far.machine() else ''} to PlayStation Network …")
        signed = way(pasted)
    _welcome(signed.name, signed.lasts_s)
    echo(signed.next_steps)
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


# --- the command -------------------------------------------------------------------------------------


def _welcome(name: str, lasts_s: float) -> None:
    """Print the welcome. `lasts_s` is the validity of the sign-in in seconds, 0 or less if unknown."""
    style, where = Style.of(sys.stdout), f"{far.machine()} is signed in" if far.machine() else "Signed in"
    left = f" The sign-in is valid for at most {span(lasts_s)}." if lasts_s > 0 else ""
    echo(style(f"{where} to PlayStation Network as {printable(name)}.", "green") + left)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--npsso-file",
        metavar="FILE",
        default="",
        help="read the NPSSO (or its JSON, or the redirect URL) from FILE, or from standard input with -",
    )
    parser.add_argument("--phone", action="store_true", help="sign in from a phone in this network, by a QR code")
    parser.add_argument(
        "--address",
        metavar="A",
        default="",
        help="this machine's private address for --phone (default: the likeliest)",
    )
    parser.add_argument("--no-clipboard", action="store_true", help="do not read the clipboard")


COMMANDS = {
    "login": Command(
        description="Sign in to PlayStation Network and switch the pipeline to it.\n\n"
        "You sign in on Sony's pages in your own browser and copy the NPSSO. The command shows the steps. On a\n"
        "desktop it reads the clipboard until your first key and takes the NPSSO from it. You can also paste it.\n"
        "The NPSSO is as good as your password. It is sent to Sony only. `partyline demo` switches back.\n\n"
        "With --phone it shows a QR code. The phone's page takes what you paste there, for five minutes, once.\n"
        "`partyline --at MACHINE login` signs in a paired machine that allows it.",
        example="partyline login",
        run=login,
        arguments=_arguments,
    )
}
