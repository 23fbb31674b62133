"""The certificates of the server while it runs: renewed by themselves, used by the next connection.

Connections that are open keep the certificate that they began with. None is closed.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from common.config.https.certificate_names import CertificateNames
from common.errors import PartylineError
from common.files.paths import Paths

if TYPE_CHECKING:
    from common.config.https.certificate_store import Current

LOOK_S = 10.0
"""Interval at which names, addresses and dates are looked at. A new address of a laptop waits so long at most."""


class TlsCertificates:
    """Call `poll` from time to time. `names` returns how other devices reach this machine, and may take 2 s."""

    def __init__(
        self, paths: Paths, names: Callable[[], CertificateNames], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._paths = paths
        self._names = names
        self._clock = clock
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._stamp = (0, 0)
        self._current: Current | None = None
        self._context: ssl.SSLContext | None = None
        self.error: PartylineError | None = None
        """Why no other device can connect, or why the certificate is not renewed."""
        self._log = structlog.get_logger("dashboard")

    def context(self) -> ssl.SSLContext | None:
        """Return what the next connection uses, None before the first certificate."""
        return self._context

    def root(self) -> str:
        """Return the root certificate in PEM, empty before it is made."""
        return self._current.kept.authority.root if self._current else ""

    @property
    def lost(self) -> tuple[str, ...]:
        """Names of this machine that its authority was not made for."""
        return self._current.lost if self._current else ()

    async def poll(self) -> None:
        """Look whether other certificates are needed, and make them. What cannot be made is in `error`.

        A look that is on is waited for, so that the port is not open before the first certificate.
        """
        async with self._looking:
            if self._clock() - self._looked_at < LOOK_S:
                return
            self._looked_at = self._clock()
            try:
                found = await asyncio.to_thread(self._look)
            except PartylineError as error:
                self.error = error
                return
            self.error = None
        if found is not None:
            self._log.info("the server has a certificate", why=found.renewed or "it was made by a command")

    def _look(self) -> Current | None:
        """Return what is new, None if nothing is."""
        # 8 MB, for pages that are open to other devices
        from common.config.https.certificate_store import authority_file, current, tls_context  # noqa: PLC0415

        found = current(self._paths, self._names())
        made = authority_file(self._paths).stat()
        stamp = made.st_mtime_ns, made.st_ino
        self._current = found
        if stamp == self._stamp and self._context is not None:
            return None
        self._context = tls_context(self._paths)
        self._stamp = stamp
        return found
