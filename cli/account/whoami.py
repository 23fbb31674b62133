"""`partyline whoami` and `partyline logout`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import msgspec

from cli.account.auth_process import auth_once
from cli.account.demo import leave_first
from cli.pipeline.restart import restart_and_wait
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, json_option
from cli.shared.connect import ask, connect, listens, run
from cli.shared.failures import FAILED, OK, CommandError
from cli.shared.output import Style, printable, say, say_json, span
from common.bus import Bus
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.requests import SignInInfo, SignOut, WhoAmI

ASK_S = 20.0
SIGN_OUT_S = 30.0
NETWORKS = {"simulator": "the simulator", "playstation": "PlayStation Network"}
CALLERS = ("signaling", "session")
"""The workers that hold an access token in memory, or a push channel that was opened with it."""
LOGIN = "Sign in: `partyline login`."


def whoami(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    load(paths)
    if supervisors.find(paths) is None and not listens(paths, "auth"):
        info = msgspec.convert(auth_once("whoami")["who"], SignInInfo)
    else:
        info = run(_who())
    now = time.time()
    if args.json:
        say_json(plain(info, now))
        return OK if info.auth.account_id else FAILED
    if not info.auth.account_id:
        raise CommandError(f"Nobody is signed in to {NETWORKS[info.auth.realm]}.", LOGIN)
    for line in lines(info, now, Style.of(sys.stdout)):
        say(line)
    return OK


async def _who() -> SignInInfo:
    async with connect() as (bus, _):
        info: SignInInfo = await ask(bus, WhoAmI(), ASK_S)
        return info


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
        return f"has ended. {LOGIN}"
    if not auth.refresh_expires_at:
        return "PlayStation did not say when it ends"
    if auth.refresh_expires_at <= now:
        return f"has ended by this computer's clock. {LOGIN}"
    day = time.strftime("%Y-%m-%d", time.localtime(auth.refresh_expires_at))
    return f"{span(auth.refresh_expires_at - now)} left, until {day}"


def _place(info: SignInInfo) -> str:
    if info.store == "file":
        return f"in the file {info.file}"
    return "in the keychain, item “partyline”" if info.store == "keychain" else "in memory only: they could not be kept"


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


def logout(args: argparse.Namespace) -> int:
    del args
    paths = Paths.of_environment()
    load(paths)
    found = supervisors.find(paths)
    if found is None and not listens(paths, "auth"):
        auth_once("sign-out")
    else:
        run(_sign_out(paths, found))
    style = Style.of(sys.stdout)
    say(style("Signed out of PlayStation Network: keychain and file hold no token any more.", "green"))
    say("The browser's own sign-in is another one: sign out there too, and the NPSSO ends as well.")
    return OK


async def _sign_out(paths: Paths, supervisor: supervisors.Supervisor | None) -> None:
    async with connect(paths) as (bus, picture):
        if picture.realm == "playstation":
            await leave_first(bus, picture)
        try:
            await ask(bus, SignOut(), SIGN_OUT_S)
        finally:
            if picture.realm == "playstation":
                await _forget_tokens(bus, supervisor)


async def _forget_tokens(bus: Bus, supervisor: supervisors.Supervisor | None) -> None:
    """Restart the workers that hold an access token, which stays valid for up to an hour."""
    if supervisor is None:
        say(f"Restart {' and '.join(CALLERS)} too: they hold the last access token.", sys.stderr)
        return
    present = {process.name for process in supervisor.processes()}
    try:
        await restart_and_wait(supervisor, [name for name in CALLERS if name in present], bus)
    except PartylineError as error:
        say(f"{' and '.join(CALLERS)} could not be restarted: {error.message}", sys.stderr)


COMMANDS = {
    "whoami": Command(
        description="Show who is signed in, for how long still, and where the tokens lie.",
        example="partyline whoami",
        run=whoami,
        arguments=json_option,
    ),
    "logout": Command(
        description="Leave the party and forget the sign-in to PlayStation Network, in keychain and file.\n\n"
        "It works whether the pipeline runs or not. The simulator's demo account stays.",
        example="partyline logout",
        run=logout,
    ),
}
