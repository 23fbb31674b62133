"""Sign in once while the pipeline is not running: one line of JSON on standard output, exit code 0 or 1.

``{"ok": true, "account_id": …, "online_id": …}`` or ``{"ok": false, "code": …, "message": …, "remedy": …}``. The
NPSSO comes from a file or from standard input, never as an argument, which other users could see.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from common import logs
from common.errors import PartylineError, SettingsError, SignInError
from common.paths import Paths
from common.settings import Settings, load
from common.worker import only_one
from workers.auth.account import Account, place_of
from workers.auth.store import Store

MAX_PASTE = 1 << 16


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m workers.auth sign-in", description=__doc__)
    parser.add_argument(
        "--npsso-file", required=True, metavar="FILE|-", help="file with the NPSSO; - is standard input"
    )
    source: str = parser.parse_args(arguments).npsso_file
    paths = Paths.of_environment()
    logs.setup("auth", "warning")
    try:
        paths.make()
        settings = load(paths)
        pasted = _read(source)
        with only_one(paths.run, "auth") as alone:
            if not alone:
                raise SignInError(
                    "The pipeline is running: its auth worker holds the tokens.",
                    "Use `partyline login`, which asks it, or `partyline down` first.",
                )
            answer = asyncio.run(_sign_in(paths, settings, pasted))
    except PartylineError as error:
        return _tell(
            {"ok": False, "code": error.code, "message": error.message, "remedy": error.remedy,
             "reference_id": error.reference_id}, 1
        )  # fmt: skip
    except OSError as error:
        place = error.filename or paths.home
        return _tell(
            {"ok": False, "code": SettingsError.code, "message": f"{place}: {error.strerror}.",
             "remedy": "Check that file or folder and its permissions."}, 1
        )  # fmt: skip
    return _tell({"ok": True, **answer}, 0)


def _read(source: str) -> str:
    raw = sys.stdin.buffer.read(MAX_PASTE) if source == "-" else _head(Path(source))
    return raw.decode("utf-8", "replace")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_PASTE)


async def _sign_in(paths: Paths, settings: Settings, pasted: str) -> dict[str, str]:
    account = Account(settings, paths)
    store = Store(paths, settings.psn.realm, place_of(settings), settings.auth.store)
    try:
        tokens = await account.sign_in(pasted, time.time())
        await store.save(tokens)
        try:
            tokens = msgspec.structs.replace(tokens, online_id=await account.online_id(tokens))
        except PartylineError as error:
            # The name is a courtesy: the sign-in stands without it.
            return {"account_id": tokens.account_id, "online_id": "", "note": error.message}
        await store.save(tokens)
    finally:
        await account.close()
    return {"account_id": tokens.account_id, "online_id": tokens.online_id, "note": store.note}


def _tell(answer: dict[str, Any], status: int) -> int:
    sys.stdout.write(logs.redact(msgspec.json.encode(answer).decode()) + "\n")
    sys.stdout.flush()
    return status
