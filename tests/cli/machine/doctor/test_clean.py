"""On a machine where nothing is wrong nothing is said to be wrong, and the exit code is 0."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.machine.doctor.catalogue import CHECKS
from cli.machine.doctor.check import CheckFinding, exit_code
from cli.machine.doctor.examine import applicable
from common.psn.http import environment
from tests.cli.machine.doctor.clean import clean_mac
from tests.cli.machine.doctor.stage import MAC, stage

NOT_OURS = {"leftovers", "others", "obs", "obs-websocket", "ipv6", "kept-awake"}
"""These look at processes, interfaces and programs of the machine that runs the tests."""
CANNOT_TELL = {"screen-audio"}


@pytest.fixture(scope="module")
def findings() -> Iterator[dict[str, CheckFinding]]:
    with pytest.MonkeyPatch.context() as patch, stage() as here:
        for name in ("http_proxy", "https_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        environment._context.cache_clear()
        changes = clean_mac(here)
        found = here.examine_all(applicable(CHECKS, MAC, offline=False), **changes)
        yield {one.id: one for one in found}


def test_every_check_of_a_mac_was_made(findings: dict[str, CheckFinding]) -> None:
    assert set(findings) == {check.id for check in CHECKS}


def test_a_clean_mac_gives_no_warning(findings: dict[str, CheckFinding]) -> None:
    ours = [one for one in findings.values() if one.id not in NOT_OURS]
    assert [one for one in ours if one.severity not in ("ok", "cannot tell")] == []
    assert {one.id for one in ours if one.severity == "cannot tell"} == CANNOT_TELL
    assert exit_code(ours) == 0


def test_what_was_measured_is_shown(findings: dict[str, CheckFinding]) -> None:
    assert [one["low_latency_ms"] for one in findings["devices"].evidence["devices"]] == [24.42, 0.0]
    assert findings["keychain"].evidence["stored"] is True
    assert abs(findings["clock"].evidence["off_s"]) < 30
    assert findings["nat"].evidence["mapping"] == "independent"
    assert {one["public"] for one in findings["stun"].evidence["answers"]} == {"127.0.0.1"}


@pytest.mark.parametrize("platform", ["linux", MAC])
def test_offline_contacts_nobody(platform: str) -> None:
    names = {check.id for check in applicable(CHECKS, platform, offline=True)}
    assert names.isdisjoint({"dns", "internet", "clock", "stun", "nat", "lan"})
    assert {"home", "packages", "keychain", "devices"} <= names
