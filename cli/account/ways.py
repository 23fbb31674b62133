"""The ways in which a pasted text signs a machine in: by its pipeline, by auth alone, or by a paired machine's gate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from cli.account import switch_realm
from cli.account.auth_process import run_auth
from cli.account.demo import leave_first
from cli.shared import far
from cli.shared import supervisor as supervisors
from cli.shared.connect import ask, connect, listens, run
from cli.shared.failures import CommandError
from cli.shared.terminal import printable
from common.config.realm import VARIABLE, check, choose
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.log import logs
from common.messages import AuthState
from common.requests import SignIn

SIGN_IN_S = 60.0
FAR_SIGN_IN_S = 120.0
"""A gate answers after it has restarted the workers too."""
NEXT_STEPS = (
    "Join a party with `partyline join` (see `partyline parties`), or with a share link: `partyline join LINK`."
)


@dataclass(frozen=True)
class SignedIn:
    name: str
    lasts_s: float
    """Validity of the sign-in, 0 or less if unknown."""
    next_steps: str = NEXT_STEPS


Way = Callable[[str], SignedIn]
"""Signs in with a pasted text. Raises `PartylineError`."""


def way(paths: Paths, settings: Settings) -> Way:
    """Return the way to sign in the machine that the command is for. Raises `PartylineError` if there is none."""
    if far.machine():
        run(_may_sign_in())
        return lambda pasted: run(_far(pasted))
    check("playstation")
    return lambda pasted: _here(paths, settings, pasted)


# --- this machine ------------------------------------------------------------------------------------


def _here(paths: Paths, settings: Settings, pasted: str) -> SignedIn:
    logs.remember(pasted)
    found, began = supervisors.find(paths), time.time()
    if found is None and not listens(paths, "auth"):
        return _offline(paths, settings.psn.realm, pasted, began)
    auth = run(_online(paths, pasted, found))
    return SignedIn(auth.online_id or auth.account_id, auth.refresh_expires_at - began)


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


def _offline(paths: Paths, realm: str, pasted: str, began: float) -> SignedIn:
    """Sign in without a pipeline, by auth in a separate process."""
    try:
        answer = run_auth("sign-in", "--npsso-file", "-", stdin=pasted, env={VARIABLE: "playstation"})
    except PartylineError as error:
        raise with_consequence(error, realm) from error
    choose(paths, "playstation")
    return SignedIn(
        str(answer.get("online_id") or answer.get("account_id", "")),
        float(answer.get("refresh_expires_at", 0)) - began,
        "Start the pipeline with `partyline up`, then join a party with `partyline join`.",
    )


def with_consequence(error: PartylineError, realm: str, auth: AuthState | None = None) -> PartylineError:
    """Return `error` with a sentence about the sign-in and realm that stay in force."""
    holds = ""
    if realm == "simulator":
        holds = " The pipeline still uses the simulator."
    elif auth is not None and auth.state in ("signed_in", "refreshing"):
        holds = f" The earlier sign-in as {printable(auth.online_id or auth.account_id)} is still valid."
    error.message += holds
    return error


# --- a paired machine --------------------------------------------------------------------------------


async def _may_sign_in() -> None:
    """Raise `CommandError` unless the other machine lets this one sign it in: before anybody pastes anything."""
    async with connect():
        pass
    if not far.about().may_sign_in:
        raise CommandError(
            f"{far.machine()} does not let this machine sign it in.",
            f"On {far.machine()}: `partyline peers` shows the name of this machine there. "
            "Then `partyline peers NAME --may-sign-in yes`.",
        )


async def _far(pasted: str) -> SignedIn:
    """Sign the other machine in. Its gate switches its pipeline. The text crosses the encrypted channel only."""
    logs.remember(pasted)
    async with connect() as (bus, bus_state):
        began = far.now()
        try:
            state: AuthState = await bus.request(SignIn(pasted=pasted, realm="playstation"), FAR_SIGN_IN_S)
        except PartylineError as error:
            raise with_consequence(error, bus_state.realm, bus_state.one(AuthState)) from error
        return SignedIn(state.online_id or state.account_id, state.refresh_expires_at - began)
