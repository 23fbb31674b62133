"""What an error of the system's keychain means. keyring reads and writes it. Not run on a Mac yet.

On a Mac keyring raises its own errors from one that has the OSStatus of the Security framework. The values are those of
Apple's SecBase.h.
"""

from __future__ import annotations

from typing import Literal

KeychainTrouble = Literal["", "locked", "refused", "other"]
"""What keeps the keychain from answering: it is locked, or its user said no. Empty if it answers."""

LOCKED = -25308
"""errSecInteractionNotAllowed"""
REFUSED = -128
"""userCanceledErr"""
_WORDS = {
    LOCKED: "is locked, or cannot ask here (over ssh, or before a login at the screen)",
    REFUSED: "was not opened, because its question on the screen was refused",
    -25293: "was not opened, because its password was wrong or this Python may not read it (errSecAuthFailed)",
    -25291: "is not available to this process (errSecNotAvailable)",
    -25294: "does not exist (errSecNoSuchKeychain)",
    -25307: "does not exist, there is no default keychain (errSecNoDefaultKeychain)",
    -34018: "is closed to this Python, which lacks an entitlement (errSecMissingEntitlement)",
    -67030: "is closed to this Python, whose signature is damaged (errSecCSInfoPlistFailed)",
}


def status_of(error: BaseException) -> int | None:
    """Return the OSStatus of the error, or of the one that it was raised from. None if it has none."""
    found: BaseException | None = error
    while found is not None:
        if found.args and isinstance(found.args[0], int) and found.args[0] < 0:
            return found.args[0]
        found = found.__cause__
    return None


def words(error: BaseException) -> str:
    """Return what the keychain did, as the rest of a sentence that begins with "The keychain"."""
    status = status_of(error)
    if status is None:
        return f"cannot be used ({type(error).__name__})"
    return _WORDS.get(status, f"cannot be used ({type(error).__name__}, OSStatus {status})")


def trouble(error: BaseException) -> KeychainTrouble:
    status = status_of(error)
    if status == REFUSED:
        return "refused"
    return "locked" if status == LOCKED or (status is None and type(error).__name__ == "KeyringLocked") else "other"
