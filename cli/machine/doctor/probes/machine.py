"""Probes of the Mac or PC itself. What is asked of macOS was written from its manual pages. Not run on a Mac yet."""

from __future__ import annotations

import platform
import re
import resource

import psutil

from cli.machine.doctor.judge.machine import Architecture, Firewall, FreeMemory, Limits, Power, System
from cli.machine.doctor.probes.processes import own_workers
from cli.machine.doctor.surroundings import Surroundings

_MB = 1_000_000
KEEPS_AWAKE = ("PreventUserIdleSystemSleep", "PreventSystemSleep", "NoIdleSleepAssertion")
_HOLDER = re.compile(r"^\s*pid \d+\((?P<name>[^)]*)\): \[[^\]]*\] \S+ (?P<kind>\w+) named:", re.MULTILINE)
_SETTING = re.compile(r"^ {1,2}(?P<key>[A-Za-z]\w*)\s+(?P<value>\S.*)$", re.MULTILINE)


def system(around: Surroundings) -> System:
    if not around.is_mac:
        return System(name=platform.system(), version=platform.release())
    return System(name="macOS", version=around.run("sw_vers", "-productVersion").out.strip())


def _sysctl(around: Surroundings, name: str) -> str:
    ran = around.run("sysctl", "-n", name)
    return ran.out.strip() if ran.code == 0 else ""


def architecture(around: Surroundings) -> Architecture:
    python = platform.machine()
    if not around.is_mac:
        return Architecture(python=python)
    return Architecture(
        python=python,
        apple_silicon=_sysctl(around, "hw.optional.arm64") == "1",  # an Intel Mac does not know this name
        translated=_sysctl(around, "sysctl.proc_translated") == "1",
    )


def limits(around: Surroundings) -> Limits:
    del around
    soft, hard = (_number(value) for value in resource.getrlimit(resource.RLIMIT_NOFILE))
    addresses = _number(resource.getrlimit(resource.RLIMIT_AS)[0])
    return Limits(files_soft=soft, files_hard=hard, memory_mb=addresses if addresses < 0 else addresses // _MB)


def _number(limit: int) -> int:
    return -1 if limit == resource.RLIM_INFINITY or limit >= 1 << 62 else limit


def memory(around: Surroundings) -> FreeMemory:
    del around
    found = psutil.virtual_memory()
    return FreeMemory(total_mb=found.total // _MB, available_mb=found.available // _MB)


def power(around: Surroundings) -> Power:
    settings, assertions = around.run("pmset", "-g"), around.run("pmset", "-g", "assertions")
    return Power(
        settings=power_settings(settings.out),
        holders=assertion_holders(assertions.out),
        workers_running=bool(own_workers(around)),
        read=settings.code == 0 and assertions.code == 0,
    )


def power_settings(text: str) -> dict[str, str]:
    """Return what `pmset -g` prints below “Currently in use”. Some values have a remark in brackets."""
    _, _, in_use = text.partition("Currently in use:")
    return {match["key"]: match["value"].strip() for match in _SETTING.finditer(in_use)}


def assertion_holders(text: str) -> dict[str, tuple[str, ...]]:
    """Return the programs that hold each kind of assertion against sleep, from `pmset -g assertions`."""
    found: dict[str, list[str]] = {}
    for match in _HOLDER.finditer(text):
        if match["kind"] in KEEPS_AWAKE:
            found.setdefault(match["kind"], []).append(match["name"])
    return {kind: tuple(dict.fromkeys(names)) for kind, names in found.items()}


def firewall(around: Surroundings) -> Firewall:
    state, stealth = (around.run("socketfilterfw", option) for option in ("--getglobalstate", "--getstealthmode"))
    number = re.search(r"State = (\d)", state.out)
    block = around.run("socketfilterfw", "--getblockall").out
    blocks_all = bool(re.search(r"(enabled|all non-essential)", block, re.IGNORECASE)) and "disabled" not in block
    if number is None:
        return Firewall(state=None)
    return Firewall(
        state=2 if blocks_all and number[1] == "1" else int(number[1]), stealth=" on" in stealth.out.lower()
    )
