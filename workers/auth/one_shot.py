"""A single action of auth while the pipeline is not running. It writes one line of JSON, and exits with 0 or 1.

``{"ok": true, …}`` or ``{"ok": false, "code": …, "message": …, "remedy": …}``. sign-in takes the NPSSO from a file
or from standard input, never as an argument, which other users could see.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import msgspec

from common.basic.loop import run
from common.config.settings import load
from common.config.tables import Settings
from common.errors import PartylineError, SettingsError, SignInError
from common.files.paths import Paths
from common.log import logs
from common.requests import SignInInfo
from common.run.process import only_one
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.real_network import sign_in_and_keep
from workers.auth.state import auth_state
from workers.auth.stored.store import real_store, store_of

MAX_PASTE = 1 << 16


def main(arguments: Sequence[str]) -> int:
    wanted = _arguments(arguments)
    paths = Paths.of_environment()
    logs.setup("auth", "warning")
    try:
        paths.make()
        answer = _do(wanted, paths, load(paths))
    except PartylineError as error:
        return _write(
            {"ok": False, "code": error.code, "message": error.message, "remedy": error.remedy,
             "reference_id": error.reference_id}, 1
        )  # fmt: skip
    except OSError as error:
        place = error.filename or paths.home
        return _write(
            {"ok": False, "code": SettingsError.code, "message": f"{place}: {error.strerror}.",
             "remedy": "Check that file or folder and its permissions."}, 1
        )  # fmt: skip
    return _write({"ok": True, **answer}, 0)


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers.auth", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    sign_in = actions.add_parser("sign-in", help="sign in, and store the tokens")
    sign_in.add_argument(
        "--npsso-file", required=True, metavar="FILE|-", help="file with the NPSSO; - is standard input"
    )
    actions.add_parser("sign-out", help="delete the sign-in to PlayStation Network")
    actions.add_parser("whoami", help="who is signed in, for how long, and where the tokens are stored")
    return parser.parse_args(arguments)


def _do(wanted: argparse.Namespace, paths: Paths, settings: Settings) -> dict[str, Any]:
    if wanted.action == "whoami":
        return run(_who_am_i(paths, settings))
    if wanted.action == "sign-out":
        return _alone(paths, "logout", _sign_out(paths, settings))
    return _alone(paths, "login", _sign_in(paths, settings, _read(wanted.npsso_file)))


def _alone(paths: Paths, command: str, job: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Do what changes the tokens, while no auth worker holds them."""
    with only_one(paths.run, "auth") as alone:
        if not alone:
            job.close()
            raise SignInError(
                "The pipeline is running, and its auth worker has the tokens.",
                f"Use `partyline {command}`, which sends the request to it, or run `partyline down` first.",
            )
        return run(job)


def _read(source: str) -> str:
    raw = sys.stdin.buffer.read(MAX_PASTE) if source == "-" else _head(Path(source))
    return raw.decode("utf-8", "replace")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_PASTE)


async def _sign_in(paths: Paths, settings: Settings, pasted: str) -> dict[str, Any]:
    account = AccountClient(settings, paths)
    store = store_of(paths, settings)
    try:
        tokens = await sign_in_and_keep(account, store, pasted)
    finally:
        await account.close()
    return {
        "account_id": tokens.account_id,
        "online_id": tokens.online_id,
        "refresh_expires_at": tokens.refresh_expires_at,
        "note": store.keychain_fault,
    }


async def _sign_out(paths: Paths, settings: Settings) -> dict[str, Any]:
    await real_store(paths, settings).forget()
    return {}


async def _who_am_i(paths: Paths, settings: Settings) -> dict[str, Any]:
    store = store_of(paths, settings)
    tokens = await store.load()
    auth = auth_state(tokens, settings.psn.realm, unknown=store.unknown)
    return {"who": msgspec.to_builtins(SignInInfo(auth=auth, store=store.at, file=store.file))}


def _write(answer: dict[str, Any], status: int) -> int:
    sys.stdout.write(logs.redact(msgspec.json.encode(answer).decode()) + "\n")
    sys.stdout.flush()
    return status
