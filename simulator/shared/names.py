"""Sony's host names over TLS with a certificate made at start, for a client that uses the real URLs.

The names do not resolve to this machine. Clients must be redirected (`partyline capture start --rehearse` does that).
"""

from __future__ import annotations

import datetime as dt
import os
import re
import ssl
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.config.tables import PsnSettings
from common.files.paths import write_atomically

HOSTS = ("account", "mobile", "web", "dms", "profile", "party_link", "push")
PUSH_SERVER = "127-0-0-1-pushcl.np.communication.playstation.net"
_LIFE = dt.timedelta(days=7)


def name_of(psn: PsnSettings, host: str) -> str:
    """Return the host name of one of `HOSTS`."""
    return urlsplit(getattr(psn, f"{host}_url")).hostname or ""


def add_names(app: web.Application, psn: PsnSettings, hosts: dict[str, web.Application]) -> None:
    """Answer under Sony's names too. `hosts` has a separate application for each of `HOSTS`."""
    for host, part in hosts.items():
        app.add_domain(name_of(psn, host), part)


def is_push_server(host: str) -> bool:
    """Return whether a ``Host`` header is one of the push hosts' names."""
    return bool(re.fullmatch(r"[\w-]+-pushcl\.np\.communication\.playstation\.net(?::\d+)?", host))


def certificate(psn: PsnSettings, file: Path) -> ssl.SSLContext:
    """Return a server context with a new certificate, and write the certificate without its key to `file`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partyline simulator, made up")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(host) for host in (*(name_of(psn, host) for host in HOSTS), PUSH_SERVER)]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    handle, both = tempfile.mkstemp()  # a context reads its key only from a file
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secret + public)
        context.load_cert_chain(both)
    finally:
        Path(both).unlink()
    write_atomically(file, public)
    return context
