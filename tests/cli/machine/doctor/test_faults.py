"""Each check finds the fault that is made for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.machine.doctor.catalogue import CHECKS
from common.psn.http import environment
from tests.cli.machine.doctor.faults import ALL
from tests.cli.machine.doctor.faults.fault import IS_ROOT_ON_LINUX, Fault
from tests.cli.machine.doctor.stage import stage


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    environment._context.cache_clear()
    yield
    environment._context.cache_clear()


def named(fault: Fault) -> str:
    return f"{fault.check}-{fault.make.__name__}"


@pytest.mark.parametrize("fault", ALL, ids=named)
def test_a_fault_is_found(fault: Fault) -> None:
    if fault.needs_root and not IS_ROOT_ON_LINUX:
        pytest.skip("needs namespaces and mounts: root on Linux")
    with stage() as here:
        found = fault.make(here)
    assert (found.id, found.severity) == (fault.check, fault.severity), found
    assert fault.says in found.sentence
    assert found.remedy or fault.severity in ("ok", "note")


def test_every_check_has_a_fault() -> None:
    assert [check.id for check in CHECKS if check.id not in {fault.check for fault in ALL}] == []
