"""The token store: one keychain item a home, or a 0600 file if no keychain can be opened.

The two realms never share tokens. The simulator's tokens are not secret and have their own file. Tokens of one account
server are not given to another (`place`).
"""

from __future__ import annotations

import contextlib
import errno
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import structlog

from common.config.tables import Settings
from common.errors import SignInError
from common.files import state
from common.files.paths import Paths, name_of, write_atomically
from common.files.state import SET_ASIDE
from workers.auth.stored.keychain import SERVICE, KeychainItem
from workers.auth.stored.token_set import TokenSet

Unknown = Literal["", "asks", "locked", "refused"]
"""Why it is not known whether there are tokens: the keychain asks on the screen, is locked, or its user said no."""


class _StoredTokens(msgspec.Struct, frozen=True, kw_only=True):
    place: str
    tokens: TokenSet


class Store:
    """Reads and writes the tokens of one realm. `keychain_fault` says why the keychain is not used."""

    def __init__(self, paths: Paths, realm: str, place: str, kind: Literal["keychain", "file"]) -> None:
        self._file = paths.secrets / f"tokens-{realm}.json"
        self._place = place
        self._realm = realm
        self._kind = kind
        self._own = name_of(paths)
        self._keychain = KeychainItem(self._own) if kind == "keychain" and realm != "simulator" else None
        self._log = structlog.get_logger("auth")
        self.at: Literal["keychain", "file", ""] = ""
        """Place of the tokens that were last loaded or saved."""

    @property
    def file(self) -> str:
        """Path of the file, if it has the tokens."""
        return str(self._file) if self.at == "file" else ""

    @property
    def keychain_fault(self) -> str:
        """Why the keychain is not used, in sentences. Empty if it is."""
        if self._keychain is None or not self._keychain.why:
            return ""
        kept = f" The tokens are stored in {self._file}." if self.at == "file" else ""
        return f"The keychain {self._keychain.why}.{kept}"

    @property
    def asks(self) -> bool:
        """Whether the keychain has not answered a read yet. It may be asking on the screen."""
        return self._keychain is not None and self._keychain.trouble == "asks"

    @property
    def unknown(self) -> Unknown:
        """Why it is not known whether there are tokens. Empty if there are some, or none for certain."""
        trouble = self._keychain.trouble if self._keychain is not None and not self.at else ""
        return "" if trouble == "other" else trouble

    async def load(self) -> TokenSet | None:
        """Return the newest tokens stored for this place, or None. See `unknown`."""
        return self._newest(await self._keychain.read() if self._keychain is not None else None)

    async def late(self) -> TokenSet | None:
        """Wait for a keychain that was asked by `load` and takes long. Return as `load`."""
        return self._newest(await self._keychain.late() if self._keychain is not None else None)

    def _newest(self, kept: str | None) -> TokenSet | None:
        keychain = self._decode(self._unless_newer(kept.encode() if kept else None))
        file = self._decode(self._read_file())
        if keychain is not None and (file is None or keychain.issued_at >= file.issued_at):
            if file is not None:
                with contextlib.suppress(OSError):  # left by a kill before `save` had ended
                    self._file.unlink(missing_ok=True)
            self.at = "keychain"
            return keychain
        self.at = "file" if file is not None else ""
        return file

    async def save(self, tokens: TokenSet) -> None:
        """Store `tokens` in the keychain or on disk before this returns. Raises `OSError` if neither works.

        They are in the file until the keychain has them, so that a kill at any moment loses nothing.
        """
        if SET_ASIDE.is_newer(self._file):
            raise OSError(errno.EPERM, "a newer version of partyline wrote the sign-in that is stored", str(self._file))
        raw = state.encode(_StoredTokens(place=self._place, tokens=tokens))
        unwritten: OSError | None = None
        try:
            write_atomically(self._file, raw, lasting=True)
        except OSError as error:
            unwritten = error
        if self._keychain is not None and await self._keychain.write(raw.decode()):
            self._file.unlink(missing_ok=True)
            self.at = "keychain"
            return
        if unwritten is not None:
            raise unwritten
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
            # With the file chosen, what was stored under other settings is left.
            await KeychainItem(self._own).delete(
                lambda raw: self._kind == "keychain" or self._decode(raw.encode()) is not None
            )
        except Exception as error:  # noqa: BLE001  # backends raise whatever they like
            self._log.info("keychain not emptied", error=type(error).__name__)
            # With the file chosen, an unusable keychain does not matter, because nothing was stored there.
            return type(error).__name__ == "NoKeyringError" or self._kind == "file"
        return True

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
