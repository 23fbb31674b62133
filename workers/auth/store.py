"""Where tokens are kept: one keychain item, or a 0600 file where no keychain can be opened.

The two realms never share: the simulator's tokens are no secrets and lie in a file of their own, and
tokens of one account server are not given to another (`place`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec
import structlog

from common.paths import Paths, write_atomically
from workers.auth.life import Tokens

T = TypeVar("T")
SERVICE = "partyline"
ITEM = "tokens"
KEYCHAIN_WAIT_S = 8.0
"""A keychain that asks the person something, or hangs, is given up after that; the file serves meanwhile."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    place: str
    tokens: Tokens


class Store:
    """Reads and writes the tokens of one realm. `note` says, in plain words, why the keychain is not used."""

    def __init__(self, paths: Paths, realm: str, place: str, kind: Literal["keychain", "file"]) -> None:
        self._file = paths.secrets / f"tokens-{realm}.json"
        self._place = place
        self._keychain = kind == "keychain" and realm != "simulator"
        self._log = structlog.get_logger("auth")
        self.note = ""

    async def load(self) -> Tokens | None:
        """Return the newest tokens that are kept for this place; None when there are none."""
        found = [tokens for raw in (await self._read_keychain(), self._read_file()) if (tokens := self._decode(raw))]
        return max(found, key=lambda tokens: tokens.issued_at, default=None)

    async def save(self, tokens: Tokens) -> None:
        """Keep `tokens`, on disk or in the keychain before this returns; raises `OSError` when neither works."""
        raw = msgspec.json.encode(_Kept(place=self._place, tokens=tokens))
        if self._keychain and await self._try(lambda: _keyring().set_password(SERVICE, ITEM, raw.decode())):
            self._file.unlink(missing_ok=True)
            return
        write_atomically(self._file, raw)

    async def _read_keychain(self) -> bytes | None:
        if not self._keychain:
            return None
        found: list[str | None] = []
        await self._try(lambda: found.append(_keyring().get_password(SERVICE, ITEM)))
        return found[0].encode() if found and found[0] else None

    def _read_file(self) -> bytes | None:
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._log.warning("token file cannot be read", error=str(error))
            return None

    def _decode(self, raw: bytes | None) -> Tokens | None:
        if raw is None:
            return None
        try:
            kept = msgspec.json.decode(raw, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._log.warning("stored tokens cannot be read: sign in again")
            return None
        return kept.tokens if kept.place == self._place else None

    async def _try(self, action: Callable[[], object]) -> bool:
        """Do `action` on the keychain; on a failure note why, and go without it from now on."""
        try:
            await _in_thread(action, KEYCHAIN_WAIT_S)
        except Exception as error:  # noqa: BLE001  # backends raise whatever they like
            self.note = f"The keychain cannot be used ({type(error).__name__}): tokens are kept in {self._file}."
            self._log.info("no keychain", error=type(error).__name__)
            self._keychain = False
            return False
        return True


def _keyring() -> Any:
    import keyring  # noqa: PLC0415  # slow to load, and not needed in the simulator's realm

    return keyring


async def _in_thread(action: Callable[[], T], wait_s: float) -> T:
    """Run `action` in a thread that may hang without keeping the process alive (an executor's would)."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result: T | None = None
        failure: Exception | None = None
        try:
            result = action()
        except Exception as error:  # noqa: BLE001  # handed to the waiting side
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name="keychain", daemon=True).start()
    async with asyncio.timeout(wait_s):
        return await done
