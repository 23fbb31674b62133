"""The keychain item with the tokens, by keyring. A question of the keychain on the screen may stay open for hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

import structlog

from common.basic.clock import boot_s
from common.basic.threads import in_thread, started
from common.system import keychain
from common.system.keychain import KeychainTrouble

SERVICE = "partyline"
ITEM = "tokens"
"""The item's name in the usual home. Any other home adds its own, so that two homes have two sign-ins."""
WAIT_S = 8.0
"""How long a keychain may take. One that asks on the screen takes longer. The file is used meanwhile."""
RETRY_S = 1800.0
"""Pause before a keychain that failed is written to again. It may be unlocked by then."""


class StoresNothingError(Exception):
    """The keychain accepted the tokens, but did not store them."""

    def __str__(self) -> str:
        return "stores nothing (Python's keyring is switched off, or set to a backend that stores nothing)"


class KeychainItem:
    """Reads and writes the item. No method raises, but `delete`."""

    def __init__(self, home: str = "") -> None:
        """`home` is its name (`common.files.paths.name_of`), empty for the usual one."""
        self._name = f"{ITEM} {home}" if home else ITEM
        self.why = ""
        """What keeps it from being used, as the rest of a sentence that begins with "The keychain". Else empty."""
        self.trouble: KeychainTrouble | Literal["asks"] = ""
        self._retry_at = 0.0
        self._reading: asyncio.Future[str | None] | None = None
        """A read that takes long. It keeps running, and there is never a second one."""
        self._log = structlog.get_logger("auth")

    @property
    def is_due(self) -> bool:
        """Whether it may be written to. While it asks on the screen, a write would only ask once more."""
        return self._reading is None and boot_s() >= self._retry_at

    async def read(self) -> str | None:
        """Return the item, or None. If it takes long, `trouble` is "asks", and `late` has the answer."""
        if self._reading is None:
            self._reading = started(lambda: _keyring().get_password(SERVICE, self._name), name="keychain")
        await asyncio.wait([self._reading], timeout=WAIT_S)
        if not self._reading.done():
            self.trouble = "asks"
            self.why = "has not answered yet. It may be asking on the screen"
            self._log.info("the keychain takes long, and is waited for")
            return None
        return self._result(self._reading)

    async def late(self) -> str | None:
        """Wait for a read that takes long. Return what `read` would have returned."""
        if self._reading is None:
            return None
        await asyncio.wait([self._reading])
        return self._result(self._reading)

    async def write(self, value: str) -> bool:
        """Store `value`. Return whether the keychain has it for certain."""
        if not self.is_due:
            return False
        try:
            await in_thread(lambda: _put(self._name, value), name="keychain", wait_s=WAIT_S)
        except Exception as error:  # noqa: BLE001  # backends raise whatever they like
            self._fail(error)
            return False
        self._succeed()
        return True

    async def delete(self, wanted: Callable[[str], bool]) -> None:
        """Delete the item if it is there and `wanted`. Raises what the backend raises, and `TimeoutError`."""

        def delete() -> None:
            keyring = _keyring()
            raw = keyring.get_password(SERVICE, self._name)
            if raw is not None and wanted(raw):
                keyring.delete_password(SERVICE, self._name)

        await in_thread(delete, name="keychain", wait_s=WAIT_S)

    def _result(self, reading: asyncio.Future[str | None]) -> str | None:
        self._reading = None
        if (error := reading.exception()) is not None:
            self._fail(error)
            return None
        self._succeed()
        return reading.result()

    def _succeed(self) -> None:
        self.why, self.trouble, self._retry_at = "", "", 0.0

    def _fail(self, error: BaseException) -> None:
        match error:
            case StoresNothingError():
                self.why = str(error)
            case TimeoutError():
                self.why = f"did not answer within {WAIT_S:.0f} s. It may be asking on the screen"
            case _:
                self.why = keychain.words(error)
        self.trouble = keychain.trouble(error)
        self._retry_at = boot_s() + RETRY_S
        self._log.info("keychain not usable", error=type(error).__name__, status=keychain.status_of(error))


def _put(item: str, value: str) -> None:
    """Store `value`, and check it, because keyring's null backend accepts all and stores nothing.

    ``python -m keyring --disable``, a common workaround for other programs, selects it for the whole machine. On a Mac
    keyring deletes the item first and adds it again, so the caller has the value elsewhere meanwhile.
    """
    keyring = _keyring()
    keyring.set_password(SERVICE, item, value)
    if keyring.get_password(SERVICE, item) != value:
        raise StoresNothingError


def _keyring() -> Any:
    import keyring  # noqa: PLC0415  # slow to import, and not needed in the simulator's realm

    return keyring
