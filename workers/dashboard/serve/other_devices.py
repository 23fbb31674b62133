"""What the worker does for other devices beside serving them: certificates that fit, and problems that are told."""

from __future__ import annotations

from typing import Protocol

from common.config.https import CERTIFICATE_PROBLEM
from common.config.https.own_names import own_names
from common.config.settings import is_loopback
from common.config.tables import DashboardSettings
from common.errors import PartylineError
from common.files.paths import Paths
from workers.dashboard.serve.exposed_keys import ExposedKey, ExposedKeys
from workers.dashboard.serve.page_keys import PageKeys
from workers.dashboard.serve.tls_certificates import TlsCertificates

EXPOSED_PROBLEM = "dashboard.key-exposed"


class ReportingWorker(Protocol):
    """A worker, as the one who tells of problems."""

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: str = "error") -> None: ...
    def publish_error(self, error: PartylineError) -> None: ...
    def clear_problem(self, code: str) -> None: ...


class OtherDevices:
    """Call `poll` from time to time."""

    def __init__(self, paths: Paths, settings: DashboardSettings, keys: PageKeys, reporter: ReportingWorker) -> None:
        self._are_let_in = not is_loopback(settings.listen)
        self._reporter = reporter
        self.certificates = TlsCertificates(paths, lambda: own_names(settings.listen))
        self.exposed = ExposedKeys(paths, keys, self._on_exposed)

    async def poll(self) -> None:
        if not self._are_let_in:
            return
        await self.certificates.poll()
        if self.certificates.error is not None:
            self._reporter.publish_error(self.certificates.error)
        elif lost := self.certificates.lost:
            self._reporter.publish_problem(
                CERTIFICATE_PROBLEM,
                f"Other devices cannot open the pages as {', '.join(lost)}, the new name of this machine.",
                "Run `partyline https new` and trust the new certificate on each device. Addresses work as they did.",
                severity="warning",
            )
        else:
            self._reporter.clear_problem(CERTIFICATE_PROBLEM)

    def _on_exposed(self, exposed: ExposedKey) -> None:
        """Say that a key was sent in the clear, until the worker ends: somebody has to act on it."""
        self._reporter.publish_problem(EXPOSED_PROBLEM, exposed.message, exposed.remedy, severity="warning")
