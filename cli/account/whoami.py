"""`partyline whoami`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import msgspec

from cli.account.auth_process import run_auth
from cli.shared import far
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, json_option
from cli.shared.connect import ask_once, listens, run
from cli.shared.failures import FAILED, OK, CommandError
from cli.shared.terminal import Style, echo, echo_json, printable, span
from common.config.settings import load
from common.files.paths import Paths
from common.requests import SignInInfo, WhoAmI

ASK_S = 20.0
NETWORKS = {"simulator": "the simulator", "playstation": "PlayStation Network"}
LOGIN = "Sign in with `partyline login`."


def whoami(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    load(paths)
    if not far.machine() and supervisors.find(paths) is None and not listens(paths, "auth"):
        info = msgspec.convert(run_auth("whoami")["who"], SignInInfo)
    else:
        info = run(ask_once(WhoAmI(), ASK_S))
    now = far.now()
    if args.json:
        echo_json(plain(info, now))
        return OK if info.auth.account_id else FAILED
    if info.auth.state == "unknown":
        raise CommandError("It is not known whether anybody is signed in.", info.auth.detail)
    if not info.auth.account_id:
        raise CommandError(f"Nobody is signed in to {NETWORKS[info.auth.realm]}.", LOGIN)
    for line in lines(info, now, Style.of(sys.stdout)):
        echo(line)
    return OK


def lines(info: SignInInfo, now: float, style: Style) -> list[str]:
    """Return who is signed in, in lines for a person."""
    auth = info.auth
    name = printable(auth.online_id or auth.account_id)
    return [
        f"{style(name, 'bold')} on {NETWORKS[auth.realm]}",
        f"  account id  {printable(auth.account_id)}",
        f"  sign-in     {_left(info, now)}",
        f"  tokens      {_place(info)}",
    ]


def _left(info: SignInInfo, now: float) -> str:
    auth = info.auth
    if auth.state == "expired":
        return f"expired. {LOGIN}"
    if not auth.refresh_expires_at:
        return "expiry unknown (PlayStation did not state it)"
    if auth.refresh_expires_at <= now:
        return f"expired by this computer's clock. {LOGIN}"
    day = time.strftime("%Y-%m-%d", time.localtime(auth.refresh_expires_at))
    return f"{span(auth.refresh_expires_at - now)} left, until {day}"


def _place(info: SignInInfo) -> str:
    if info.store == "file":
        return f"in the file {info.file}"
    return (
        "in the keychain, item “partyline”" if info.store == "keychain" else "in memory only (they could not be stored)"
    )


def plain(info: SignInInfo, now: float) -> dict[str, Any]:
    """Return who is signed in, as plain data for programs."""
    auth = info.auth
    ends = auth.refresh_expires_at
    return {
        "realm": auth.realm,
        "state": auth.state,
        "account_id": auth.account_id,
        "online_id": auth.online_id,
        "refresh_expires_at": ends or None,
        "days_left": round(max(0.0, ends - now) / 86_400, 2) if ends else None,
        "store": info.store,
        "file": info.file,
    }


COMMANDS = {
    "whoami": Command(
        description="Show who is signed in, for how long, and where the tokens are stored.",
        example="partyline whoami",
        run=whoami,
        arguments=json_option,
    )
}
