"""The root certificates that this machine's browsers and OBS trust. The side of the Mac is not run on a Mac yet.

macOS: `security add-trusted-cert` writes the user's trust settings (security(1)), for which macOS asks for the
password on the screen. Safari, Chrome, OBS' Browser Source (CEF) and Firefox from 120 on read them.
Linux has no such place. Chromium, Chrome and OBS' Browser Source read the NSS database in ~/.pki/nssdb, which
`certutil` of libnss3-tools changes. Command-line programs read the system's store, which takes root. Firefox has its
own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.errors import PartylineError

PLATFORM = sys.platform
SECURITY = "/usr/bin/security"
ASK_S = 120.0
"""macOS waits for the user's password."""
CODE = "system.trust-store"
SYSTEM_STORES = (
    (Path("/usr/local/share/ca-certificates"), "sudo update-ca-certificates"),
    (Path("/etc/pki/ca-trust/source/anchors"), "sudo update-ca-trust"),
    (Path("/etc/ca-certificates/trust-source/anchors"), "sudo update-ca-trust"),
)
"""Folder and command of Debian, Fedora and Arch."""
FIREFOX = "Firefox has its own store: Settings, Privacy & Security, View Certificates, Authorities, Import {file}"

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[bytes]"]


@dataclass(frozen=True)
class TrustChange:
    """What was done, and what is left to the user, as sentences."""

    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=ASK_S, check=False)  # noqa: S603


def trust(certificate: Path, name: str, run: Run = _run) -> TrustChange:
    """Make this user's programs trust a root certificate in PEM. Raises `PartylineError`."""
    if PLATFORM == "darwin":
        keychain = Path.home() / "Library" / "Keychains" / "login.keychain-db"
        words = [SECURITY, "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", str(keychain), str(certificate)]
        _checked(words, run, "macOS does not trust the certificate")
        return TrustChange(("Safari, Chrome, Firefox and OBS trust it. Restart those that run.",))
    store = _nss()
    if not (store / "cert9.db").exists():
        try:
            store.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise PartylineError(f"{store} cannot be made: {error}.", "Look at its permissions.", code=CODE) from error
        _checked(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], run, "The NSS database cannot be made")
    words = ["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", name, "-i", str(certificate)]
    _checked(words, run, "The NSS database does not take the certificate")
    return TrustChange(
        ("Chromium, Chrome and OBS trust it. Restart those that run.",),
        (*_for_system(certificate), FIREFOX.format(file=certificate)),
    )


def distrust(certificate: Path, name: str, run: Run = _run) -> TrustChange:
    """Undo `trust`. Raises `PartylineError`."""
    if PLATFORM == "darwin":
        _checked([SECURITY, "remove-trusted-cert", str(certificate)], run, "macOS keeps its trust in the certificate")
        return TrustChange(("Safari, Chrome, Firefox and OBS do not trust it any more.",))
    words = ["certutil", "-d", f"sql:{_nss()}", "-D", "-n", name]
    _checked(words, run, "The NSS database keeps the certificate")
    return TrustChange(("Chromium, Chrome and OBS do not trust it any more.",))


def is_trusted(name: str, run: Run = _run) -> bool:
    """Return whether a certificate of that name is trusted. False if the store cannot be asked."""
    words = [SECURITY, "dump-trust-settings"] if PLATFORM == "darwin" else ["certutil", "-d", f"sql:{_nss()}", "-L"]
    try:
        found = run(words)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and name in found.stdout.decode("utf-8", "replace")


def _nss() -> Path:
    return Path.home() / ".pki" / "nssdb"


def _for_system(certificate: Path) -> tuple[str, ...]:
    for folder, update in SYSTEM_STORES:
        if folder.is_dir():
            return (f"For command-line programs: sudo cp {certificate} {folder}/ && {update}",)
    return ()


def _checked(words: Sequence[str], run: Run, what: str) -> None:
    try:
        done = run(words)
    except FileNotFoundError as error:
        raise PartylineError(
            f"{what}, because the program {words[0]} is not there.",
            "Install libnss3-tools (Debian, Ubuntu) or nss-tools (Fedora), then try again.",
            code=CODE,
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PartylineError(f"{what}: {error}.", "Try again, at the screen of this machine.", code=CODE) from error
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300] or f"it ended with {done.returncode}"
        raise PartylineError(
            f"{what}: {said}.",
            "Try again at the screen of this machine. It may ask for your password.",
            code=CODE,
        )
