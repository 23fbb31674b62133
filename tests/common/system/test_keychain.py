from __future__ import annotations

import pytest
from keyring.errors import KeyringError, KeyringLocked

from common.system import keychain


class MacError(Exception):
    """As keyring's macOS backend raises them: (OSStatus, words)."""


def raised(outer: type[Exception], status: int) -> BaseException:
    """Return the error of keyring, raised from the one of its backend."""
    try:
        try:
            raise MacError(status, "Unknown Error")
        except MacError as error:
            raise outer("Can't get password from keychain") from error
    except outer as error:
        return error


@pytest.mark.parametrize(
    ("error", "words", "trouble"),
    [
        (raised(KeyringError, -25308), "over ssh", "locked"),
        (raised(KeyringLocked, -128), "refused", "refused"),
        (raised(KeyringError, -25293), "errSecAuthFailed", "other"),
        (raised(KeyringError, -67030), "signature", "other"),
        (raised(KeyringError, -12345), "KeyringError, OSStatus -12345", "other"),
        (KeyringLocked("Failed to unlock the collection!"), "KeyringLocked", "locked"),
        (RuntimeError("no backend"), "RuntimeError", "other"),
        (OSError(28, "no OSStatus"), "OSError", "other"),
    ],
)
def test_an_error_is_told_in_words_by_its_status(error: BaseException, words: str, trouble: str) -> None:
    assert words in keychain.words(error)
    assert keychain.trouble(error) == trouble
