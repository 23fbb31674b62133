"""What `pmset` prints is read, as its manual page and reports of others show it."""

from __future__ import annotations

import pytest

from cli.machine.doctor.check import CheckEvidence
from cli.machine.doctor.judge.machine import Firewall, FreeMemory, Power, firewall, kept_awake, low_power, memory, sleep
from cli.machine.doctor.probes import machine as probe
from cli.machine.doctor.probes.machine import assertion_holders, power_settings
from tests.cli.machine.doctor.stage import MAC, stage

SETTINGS = """\
System-wide power settings:
 SleepDisabled          0
Currently in use:
 standby              1
 Sleep On Power Button 1
 powernap             1
 networkoversleep     0
 sleep                1 (sleep prevented by coreaudiod, powerd)
 lowpowermode         0
"""
ASSERTIONS = """\
2026-11-29 01:02:03 +0100
Assertion status system-wide:
   BackgroundTask                 0
   PreventUserIdleSystemSleep     1
   UserIsActive                   1
Listed by owning process:
   pid 199(coreaudiod): [0x0001a3b500018a6f] 00:00:12 PreventUserIdleSystemSleep named: "com.apple.audio.BuiltIn"
\tCreated for PID: 4711.
   pid 367(caffeinate): [0x0001a3b600018a70] 00:00:02 PreventUserIdleSystemSleep named: "caffeinate command-line tool"
\tDetails: caffeinate asserting for 4711
   pid 99(WindowServer): [0x0] 00:00:00 UserIsActive named: "com.apple.iohideventsystem"
Kernel Assertions: 0x4=USB
"""


def test_the_settings_in_use_are_read_without_the_others() -> None:
    found = power_settings(SETTINGS)
    assert found["sleep"] == "1 (sleep prevented by coreaudiod, powerd)"
    assert found["lowpowermode"] == "0"
    assert "SleepDisabled" not in found


def test_who_keeps_it_awake_is_read_and_nobody_else() -> None:
    assert assertion_holders(ASSERTIONS) == {"PreventUserIdleSystemSleep": ("coreaudiod", "caffeinate")}


def of(sleep_: str, *holders: str, running: bool = False, **more: str) -> Power:
    held = {"PreventSystemSleep": holders} if holders else {}
    return Power(settings={"sleep": sleep_, **more}, holders=held, workers_running=running)


@pytest.mark.parametrize(("value", "severity"), [("0", "ok"), ("10 (prevented)", "note"), ("", "cannot tell")])
def test_sleep(value: str, severity: str) -> None:
    assert sleep(of(value)).severity == severity


def test_without_pmset_nothing_is_claimed() -> None:
    assert sleep(Power(settings={}, holders={}, workers_running=False, read=False)).severity == "cannot tell"


def test_kept_awake_names_who_does_it() -> None:
    assert "coreaudiod" in kept_awake(of("1", "coreaudiod", running=True)).sentence
    assert kept_awake(of("1", running=True)).severity == "note"
    assert kept_awake(of("0", running=True)).severity == kept_awake(of("1")).severity == "ok"


def test_low_power_under_both_of_its_names() -> None:
    assert low_power(of("1", lowpowermode="1")).severity == low_power(of("1", powermode="1")).severity == "note"
    assert low_power(of("1", powermode="2")).severity == low_power(of("1")).severity == "ok"


@pytest.mark.parametrize(
    ("state", "block", "severity"),
    [
        ("Firewall is disabled. (State = 0)", "Block all DISABLED! ", "ok"),
        ("Firewall is enabled. (State = 1)", "Firewall has block all state set to disabled.", "note"),
        ("Firewall is enabled. (State = 1)", "Block all ENABLED! ", "warning"),
        ("Firewall is enabled. (State = 1)", "Firewall is set to block all non-essential connections", "warning"),
        ("Firewall is blocking all non-essential incoming connections. (State = 2)", "", "warning"),
        ("You must be root", "", "cannot tell"),
    ],
)
def test_the_firewall_in_the_words_of_several_versions(state: str, block: str, severity: str) -> None:
    with stage() as here:
        here.tool(
            "socketfilterfw", f'case "$1" in --getglobalstate) echo "{state}";; --getblockall) echo "{block}";; esac'
        )
        found: CheckEvidence = probe.firewall(here.around(platform=MAC))
    assert isinstance(found, Firewall)
    assert firewall(found).severity == severity


def test_memory() -> None:
    assert [memory(FreeMemory(total_mb=8000, available_mb=free)).severity for free in (599, 600)] == ["warning", "ok"]
