"""Certificates while the server runs: a look that is on is waited for."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from common.config.https.certificate_names import CertificateNames
from common.files.paths import Paths
from workers.dashboard.serve.tls_certificates import TlsCertificates


async def test_whoever_opens_the_port_waits_for_a_look_that_somebody_else_began(home: Path) -> None:
    may_go_on, asked = threading.Event(), []

    def names() -> CertificateNames:
        asked.append(may_go_on.wait(60))
        return CertificateNames(names=("avas-mac.local",))

    certificates = TlsCertificates(Paths(home), names)
    polls = [asyncio.create_task(certificates.poll()) for _ in range(2)]
    done, _ = await asyncio.wait(polls, timeout=0.2)
    assert not done
    may_go_on.set()
    await asyncio.gather(*polls)
    assert certificates.context() is not None
    assert asked == [True]
