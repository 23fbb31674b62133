"""The judgement of the keychain."""

from __future__ import annotations

from cli.machine.doctor.check import CheckEvidence, CheckVerdict

_FILE = 'Set `[auth] store = "file"` to keep the sign-in in a file that only you can read.'
_LOCKED = ("-25308", "interaction is not allowed", "-25293", "locked")
"""What macOS says of a keychain that it may not open without asking (errSecInteractionNotAllowed, errSecAuthFailed)."""


class Keychain(CheckEvidence, frozen=True, kw_only=True):
    used: bool
    """Whether `[auth] store` is the keychain."""
    backend: str = ""
    """Class of keyring's backend."""
    usable: bool = False
    """Whether the backend is one that can store anything."""
    stored: bool = False
    """Whether a test value was read back."""
    fault: str = ""
    asked: bool = False
    """Whether there was no answer in time, as when a dialog waits."""
    took_ms: float = 0.0
    locked: bool = False
    """Whether macOS says that the keychain cannot be used now."""


def keychain(found: Keychain) -> CheckVerdict:  # noqa: PLR0911  # a line for each state of a keychain
    if not found.used:
        return CheckVerdict("ok", "Not used: `[auth] store` is the file.")
    if found.asked:
        return CheckVerdict(
            "warning",
            "The keychain does not answer. It probably asks something on the screen.",
            f"Answer it at the machine: “Always Allow”. Without a screen: {_FILE[0].lower()}{_FILE[1:]}",
        )
    if found.locked or any(sign in found.fault.lower() for sign in _LOCKED):
        return CheckVerdict(
            "warning",
            "The keychain is locked, as it is over ssh and before somebody logs in.",
            f"`security unlock-keychain`, or log in at the screen. {_FILE}",
        )
    if not found.usable:
        return CheckVerdict(
            "note", f"There is no keychain here ({found.backend}), so the sign-in is kept in a file.", _FILE
        )
    if found.fault:
        return CheckVerdict("warning", f"The keychain ({found.backend}) cannot be used: {found.fault}.", _FILE)
    if not found.stored:
        return CheckVerdict(
            "warning",
            f"The keychain ({found.backend}) accepts a value and stores nothing.",
            "Python's keyring was switched off on this machine (`python -m keyring --disable`). Delete its "
            f"keyringrc.cfg, or: {_FILE[0].lower()}{_FILE[1:]}",
        )
    return CheckVerdict("ok", f"A value was stored, read back and deleted in {found.took_ms:.0f} ms ({found.backend}).")
