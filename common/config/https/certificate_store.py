"""The authority and the server's certificate of a home, in two files of mode 0600, and the root for other devices."""

from __future__ import annotations

import contextlib
import datetime as dt
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from common.config.https import CERTIFICATE_PROBLEM
from common.config.https.authority import (
    Authority,
    ServerCertificate,
    lost_names,
    new_authority,
    new_server_certificate,
    why_renew,
    why_replace,
)
from common.config.https.certificate_names import CertificateNames
from common.errors import PartylineError
from common.files import state
from common.files.lock import locked
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE

_TRIES, _PAUSE_S = 40, 0.025
"""A second at most. Making keys takes milliseconds."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the file."""

    authority: Authority
    server: ServerCertificate


@dataclass(frozen=True)
class Current:
    """What is in use, after a check of names and dates."""

    kept: Kept
    renewed: str = ""
    """Why the server's certificate was made just now, empty if it was not."""
    lost: tuple[str, ...] = ()
    """Names of this machine that the authority was not made for."""


def authority_file(paths: Paths) -> Path:
    return paths.secrets / "https.json"


def server_file(paths: Paths) -> Path:
    """Return the file for OpenSSL: the server's certificate, the issuer's and the server's key."""
    return paths.secrets / "https-server.pem"


def certificate_file(paths: Paths) -> Path:
    """Return the file with the root certificate in PEM, for other devices. It is no secret."""
    return paths.home / "partyline.crt"


def load(paths: Paths) -> Kept | None:
    """Return what is kept, None if nothing was made yet. Raises `PartylineError` for a file that cannot be used."""
    file = authority_file(paths)
    try:
        raw = file.read_bytes()
        if state.format_of(raw) > 1:
            raise ValueError("a newer version of partyline wrote it")
        kept = msgspec.json.decode(raw, type=Kept)
        why_replace(kept.authority, _now())  # reads the certificates
    except FileNotFoundError:
        return None
    except (OSError, *UNUSABLE) as error:
        raise PartylineError(
            f"The certificates in {file} cannot be used: {error}.",
            "Run `partyline https new` for new ones. Devices that trust the old one need the new one.",
            code=CERTIFICATE_PROBLEM,
        ) from error
    return kept


def current(paths: Paths, names: CertificateNames, now: dt.datetime | None = None) -> Current:
    """Return certificates that fit this machine, made or renewed where they did not. Raises `PartylineError`."""
    now = now or _now()
    with _changing(paths):
        kept = load(paths)
        if kept is None:
            return Current(_made(paths, names, now), "it is the first one")
        check(kept, now)
        lost = lost_names(kept.authority, names)
        why = why_renew(kept.server, kept.authority, names, now)
        if not why:
            if not (server_file(paths).exists() and certificate_file(paths).exists()):
                _write(paths, kept)
            return Current(kept, "", lost)
        kept = Kept(authority=kept.authority, server=new_server_certificate(kept.authority, names, now))
        _write(paths, kept)
        return Current(kept, why, lost)


def check(kept: Kept, now: dt.datetime) -> None:
    """Raise `PartylineError` if the authority is of no use at that time."""
    if why := why_replace(kept.authority, now):
        raise PartylineError(
            f"Other devices cannot open the pages, because the certificate that they trust cannot be used. {why}.",
            "Check this machine's clock. If it is right, run `partyline https new` and trust the new certificate.",
            code=CERTIFICATE_PROBLEM,
        )


def replace(paths: Paths, names: CertificateNames) -> Kept:
    """Make a new authority. Devices that trust the old one do not trust it. Raises `PartylineError`."""
    with _changing(paths):
        return _made(paths, names, _now())


def tls_context(paths: Paths) -> ssl.SSLContext:
    """Return how the server speaks TLS. Raises `PartylineError`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(server_file(paths))
    except (OSError, ssl.SSLError) as error:
        raise PartylineError(
            f"The server's certificate in {server_file(paths)} cannot be used: {error}.",
            "Remove that file. It is made again.",
            code=CERTIFICATE_PROBLEM,
        ) from error
    return context


def _made(paths: Paths, names: CertificateNames, now: dt.datetime) -> Kept:
    authority = new_authority(names, now)
    kept = Kept(authority=authority, server=new_server_certificate(authority, names, now))
    _write(paths, kept)
    return kept


def _write(paths: Paths, kept: Kept) -> None:
    chain = kept.server.certificate + kept.authority.issuer + kept.server.key
    write_atomically(authority_file(paths), state.encode(kept))
    write_atomically(certificate_file(paths), kept.authority.root.encode(), mode=0o644)
    write_atomically(server_file(paths), chain.encode())


@contextlib.contextmanager
def _changing(paths: Paths) -> Iterator[None]:
    """Let nobody else make certificates meanwhile. Raises `PartylineError` for what the disk or another one refuses."""
    file = authority_file(paths)
    try:
        with locked(file.with_suffix(".lock"), tries=_TRIES, pause_s=_PAUSE_S):
            yield
    except BlockingIOError as error:
        raise PartylineError(
            "Another program is changing the certificates.", "Try again in a moment.", code=CERTIFICATE_PROBLEM
        ) from error
    except OSError as error:
        raise PartylineError(
            f"The certificates cannot be written to {file}: {error.strerror or error}.",
            "Make room on the disk or correct the permissions. Nothing was changed.",
            code=CERTIFICATE_PROBLEM,
        ) from error


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
