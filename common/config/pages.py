"""The dashboard's keys and page URLs, for its worker and for the commands that open a page.

The *full* key allows everything. The *read* key only shows who is here and plays their voices (the overlay, OBS' audio
page, the metrics). Both are in a 0600 file and in a page's URL, never in a log or a message.
"""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import os
import secrets
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import msgspec

from common.config.settings import is_loopback
from common.config.tables import DashboardSettings
from common.errors import PartylineError
from common.files import state
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE
from common.log.secret import Guarded, Secret

Rights = Literal["full", "read", ""]

_KEY_BYTES = 24
FAR_PORT = 8780
"""Port on loopback for the pages of a paired machine. Those of this one have 8770, the gate 8772 and the next ones."""
PROOF_PATH = "/proof/"
"""A nonce of 32 hex digits follows. The answer is `proof` of the full key."""


class Keys(Guarded, frozen=True, kw_only=True):
    """Both keys, URL-safe."""

    full: Secret
    read: Secret

    @classmethod
    def drawn(cls) -> Keys:
        return cls(full=secrets.token_urlsafe(_KEY_BYTES), read=secrets.token_urlsafe(_KEY_BYTES))

    def rights(self, given: str) -> Rights:
        """Return what the bearer of `given` may do. The time taken does not depend on `given`."""
        offered = given.encode("utf-8", "replace")
        full = hmac.compare_digest(offered, self.full.encode())
        read = hmac.compare_digest(offered, self.read.encode())
        return "full" if full else "read" if read else ""


def keys_file(paths: Paths) -> Path:
    return paths.secrets / "dashboard.json"


def load_keys(paths: Paths) -> Keys:
    """Return the keys, created now if there are none. Raises `PartylineError` when their file cannot be used."""
    file = keys_file(paths)
    try:
        if not file.exists():
            _put(file, Keys.drawn())
        raw = file.read_bytes()
        if state.format_of(raw) > 1:
            raise ValueError("a newer version of partyline wrote them")
        return msgspec.json.decode(raw, type=Keys)
    except (OSError, *UNUSABLE) as error:
        raise PartylineError(
            f"The dashboard's keys in {file} cannot be used: {error}",
            "Draw new ones with `partyline dashboard key --new`.",
            code="dashboard.keys",
        ) from error


def draw_keys(paths: Paths) -> Keys:
    """Replace both keys. Pages opened with the old ones stop working."""
    keys = Keys.drawn()
    write_atomically(keys_file(paths), state.encode(keys))
    return keys


def replace_full_key(paths: Paths) -> Keys:
    """Replace the key for full control alone. OBS' pages keep theirs."""
    keys = msgspec.structs.replace(load_keys(paths), full=Keys.drawn().full)
    write_atomically(keys_file(paths), state.encode(keys))
    return keys


def _put(file: Path, keys: Keys) -> None:
    """Write `keys` unless another process already has."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600 by itself
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(state.encode(keys))
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()


def proof(key: str, port: int, nonce: str) -> str:
    """Return the answer to `nonce` by which a dashboard at `port` proves that it knows `key`."""
    return hmac.new(key.encode(), f"partyline dashboard {port} {nonce}".encode(), "sha256").hexdigest()


def page_url(settings: DashboardSettings, page: str, key: str, **query: str) -> str:
    """Return the URL of `page` (``""``, ``"start"``, ``"overlay"`` …) on this machine, with `key`."""
    return url_at(base_url(settings), page, key, **query)


def url_at(base: str, page: str, key: str, **query: str) -> str:
    """Return the URL of `page` below `base`, with `key`."""
    return f"{base}/{page}?{urlencode({'key': key, **query})}"


def base_url(settings: DashboardSettings) -> str:
    """Return the address of the pages for this machine. It is on loopback, whoever else is let in."""
    return f"http://{_host(settings.listen if is_loopback(settings.listen) else '127.0.0.1')}:{settings.port}"


def base_url_for_others(settings: DashboardSettings, own_address: str, own_name: str) -> str:
    """Return the address of the pages for a machine that reaches this one at `own_address`.

    `own_name` takes the place of an address that no URL or certificate can have, or that `listen` leaves out. Raises
    `PartylineError` if the dashboard is open to this machine only.
    """
    if is_loopback(settings.listen):
        raise PartylineError(
            "OBS runs on another machine, and the dashboard is open to this one only.",
            "Run `partyline https on`, then try again. A paired machine needs no open port: run "
            "`partyline --at THIS-MACHINE obs setup` on it.",
            code="dashboard.loopback",
        )
    if not is_any(settings.listen):
        return https_url(settings.listen, settings.port)
    address = ipaddress.ip_address(own_address)
    fits = not address.is_link_local and (address.version == 4 or settings.listen in ("", "::"))
    return https_url(own_address if fits and address.is_private else own_name, settings.port)


def https_url(host: str, port: int) -> str:
    """Return the address of the pages for other devices."""
    return f"https://{_host(host)}:{port}"


def certificate_url(host: str, port: int) -> str:
    """Return the address of the page with the certificate. A device that does not trust it yet can open this one."""
    return f"http://{_host(host)}:{port}/certificate"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def is_any(listen: str) -> bool:
    """Return whether `listen` is a wildcard address."""
    return listen in ("", "0.0.0.0", "::")  # noqa: S104  # compared, not bound
