"""Stores a test value in the keychain, reads it back and deletes it. Prints the result as JSON.

The item is not the one of the sign-in, which is left alone. A dialog of the keychain may hold this up for ever.
"""

from __future__ import annotations

import secrets
import sys
import time

import msgspec

from cli.machine.doctor.judge.keychain import Keychain

SERVICE, ITEM = "partyline-doctor", "test"


def found() -> Keychain:
    try:
        import keyring  # noqa: PLC0415  # what a broken package raises is the finding

        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001  # backends raise whatever they like
        return Keychain(used=True, fault=_words(error))
    kind = type(backend)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name.startswith("keyring.backends.fail."):
        return Keychain(used=True, backend=name)
    value, began = secrets.token_hex(8), time.monotonic()
    try:
        keyring.set_password(SERVICE, ITEM, value)
        stored = keyring.get_password(SERVICE, ITEM) == value
        if stored:
            keyring.delete_password(SERVICE, ITEM)
    except Exception as error:  # noqa: BLE001  # as above
        return Keychain(used=True, backend=name, usable=True, fault=_words(error))
    took_ms = round((time.monotonic() - began) * 1000, 1)
    return Keychain(used=True, backend=name, usable=True, stored=stored, took_ms=took_ms)


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200].rstrip(".")


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(found()).decode())
