"""The token store: one keychain item a home, or a 0600 file if no keychain can be opened.

The two realms never share tokens. The simulator's tokens are not secret and have their own file. Tokens of one account
server are not given to another (`place`).
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog

from common.basic.threads import in_thread
from common.config.tables import Settings
from common.errors import SignInError
from common.files import state
from common.files.paths import Paths, name_of, write_atomically
from common.files.state import SET_ASIDE
from workers.auth.stored.token_set import TokenSet

T = TypeVar("T")
SERVICE = "partyline"
ITEM = "tokens"
"""The item's name in the usual home. Any other home adds its own, so that two homes have two sign-ins."""
KEYCHAIN_WAIT_S = 8.0
"""Timeout of a keychain that prompts or hangs. The file is used instead."""
KEYCHAIN_RETRY_S = 1800.0
"""Pause before the keychain is retried. It may be unlocked by then, and receives the tokens again."""


class StoresNothingError(Exception):
    """The keychain accepted the tokens, but did not store them."""

    def __str__(self) -> str:
        return "stores nothing (Python's keyring is switched off, or set to a backend that stores nothing)"


class _StoredTokens(msgspec.Struct, frozen=True, kw_only=True):
    place: str
    tokens: TokenSet


class Store:
    """Reads and writes the tokens of one realm. `keychain_fault` says why the keychain is not used."""

    def __init__(self, paths: Paths, realm: str, place: str, kind: Literal["keychain", "file"]) -> None:
        self._file = paths.secrets / f"tokens-{realm}.json"
        self._item = " ".join(filter(None, (ITEM, name_of(paths))))
        self._place = place
        self._realm = realm
        self._kind = kind
        self._keychain = kind == "keychain" and realm != "simulator"
        self._log = structlog.get_logger("auth")
        self._retry_at = 0.0
        self.keychain_fault = ""
        self.at: Literal["keychain", "file", ""] = ""
        """Place of the tokens that were last loaded or saved."""

    @property
    def file(self) -> str:
        """Path of the file, if it has the tokens."""
        return str(self._file) if self.at == "file" else ""

    async def load(self) -> TokenSet | None:
        """Return the newest tokens stored for this place, or None."""
        newest: TokenSet | None = None
        self.at = ""
        for place, raw in (("keychain", self._unless_newer(await self._read_keychain())), ("file", self._read_file())):
            tokens = self._decode(raw)
            if tokens and (newest is None or tokens.issued_at > newest.issued_at):
                newest, self.at = tokens, place  # type: ignore[assignment]  # one of the two words above
        return newest

    async def save(self, tokens: TokenSet) -> None:
        """Store `tokens` in the keychain or on disk before this returns. Raises `OSError` if neither works."""
        if SET_ASIDE.is_newer(self._file):
            raise OSError(errno.EPERM, "a newer version of partyline wrote the sign-in that is stored", str(self._file))
        raw = state.encode(_StoredTokens(place=self._place, tokens=tokens))
        if self._keychain_due() and await self._with_keychain(lambda: _put(self._item, raw.decode())):
            self._file.unlink(missing_ok=True)
            self.at = "keychain"
            return
        write_atomically(self._file, raw)
        self.at = "file"

    async def forget(self) -> None:
        """Delete the tokens of this realm, in keychain and file.

        Raises `SignInError` if one of them may still have tokens. The other one is emptied in any case.
        """
        self.at = ""
        left = ""
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            left = f"The tokens in {self._file} cannot be deleted ({error.strerror})."
        if self._realm != "simulator" and not await self._empty_keychain():
            left = left or "The keychain did not delete the tokens. It may still have them."
        if left:
            raise SignInError(
                left, f"Delete the file, or the keychain item “{SERVICE}”. Then run `partyline logout` again."
            )

    async def _empty_keychain(self) -> bool:
        """Delete the item. Return False if it may still be there."""
        try:
            await in_thread(self._delete_item, name="keychain", wait_s=KEYCHAIN_WAIT_S)
        except Exception as error:  # noqa: BLE001  # backends raise whatever they like
            self._log.info("keychain not emptied", error=type(error).__name__)
            # With the file chosen, an unusable keychain does not matter, because nothing was stored there.
            return type(error).__name__ == "NoKeyringError" or self._kind == "file"
        return True

    def _delete_item(self) -> None:
        keyring = _keyring()
        raw = keyring.get_password(SERVICE, self._item)
        if raw is None or (self._kind == "file" and self._decode(raw.encode()) is None):
            return  # stored there under other settings: leave it
        keyring.delete_password(SERVICE, self._item)

    async def _read_keychain(self) -> bytes | None:
        if not self._keychain_due():
            return None
        found: list[str | None] = []
        await self._with_keychain(lambda: found.append(_keyring().get_password(SERVICE, self._item)))
        return found[0].encode() if found and found[0] else None

    def _read_file(self) -> bytes | None:
        kept = state.load(self._file, _StoredTokens, "the sign-in")
        return None if kept is None else msgspec.json.encode(kept)

    def _unless_newer(self, raw: bytes | None) -> bytes | None:
        """Return the keychain's item, unless a newer version stored it. The file is then not written either."""
        if raw is None or state.format_of(raw) <= 1:
            return raw
        state.leave_alone(self._file, "the sign-in (in the keychain)")
        return None

    def _decode(self, raw: bytes | None) -> TokenSet | None:
        if raw is None:
            return None
        try:
            kept = msgspec.json.decode(raw, type=_StoredTokens)
        except state.UNUSABLE:
            self._log.warning("stored tokens cannot be read, so a new sign-in is needed")
            return None
        return kept.tokens if kept.place == self._place else None

    def _keychain_due(self) -> bool:
        return self._keychain and time.monotonic() >= self._retry_at

    async def _with_keychain(self, action: Callable[[], object]) -> bool:
        """Run `action` on the keychain. On a failure record why, and do not use it for `KEYCHAIN_RETRY_S`."""
        try:
            await in_thread(action, name="keychain", wait_s=KEYCHAIN_WAIT_S)
        except Exception as error:  # noqa: BLE001  # backends raise whatever they like
            why = str(error) if isinstance(error, StoresNothingError) else f"cannot be used ({type(error).__name__})"
            self.keychain_fault = f"The keychain {why}. The tokens are stored in {self._file}."
            self._log.info("keychain not usable", error=type(error).__name__)
            self._retry_at = time.monotonic() + KEYCHAIN_RETRY_S
            return False
        self.keychain_fault = ""
        return True


def _put(item: str, tokens: str) -> None:
    """Store `tokens` in the keychain, and check them, because keyring's null backend accepts all and stores nothing.

    ``python -m keyring --disable``, a common workaround for other programs, selects it for the whole machine.
    """
    keyring = _keyring()
    keyring.set_password(SERVICE, item, tokens)
    if keyring.get_password(SERVICE, item) != tokens:
        raise StoresNothingError


def _keyring() -> Any:
    import keyring  # noqa: PLC0415  # slow to import, and not needed in the simulator's realm

    return keyring


def place_of(settings: Settings) -> str:
    """Return an identifier of the account server that issued the tokens."""
    if settings.psn.realm == "simulator":
        return "simulator"
    parts = urlsplit(settings.psn.account_url)
    return f"{parts.scheme}://{parts.netloc}"


def store_of(paths: Paths, settings: Settings) -> Store:
    """Return the token store of the settings' realm."""
    return Store(paths, settings.psn.realm, place_of(settings), settings.auth.store)


def real(settings: Settings) -> Settings:
    """Return the same settings for the real realm."""
    return msgspec.structs.replace(settings, psn=msgspec.structs.replace(settings.psn, realm="playstation"))


def real_store(paths: Paths, settings: Settings) -> Store:
    """Return the token store of the real realm, whatever the realm is now."""
    return store_of(paths, real(settings))
