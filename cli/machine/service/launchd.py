"""launchd's property list, and what `launchctl` prints. No I/O. Not run on a Mac yet."""

from __future__ import annotations

import plistlib
import re
from typing import Any

from cli.machine.service.manager import LastEnd, ServiceState
from cli.machine.service.spec import RESTART_S, STOP_LIMIT_S, Spec

NOT_LOADED = frozenset({3, 113})
"""launchctl's codes for a service that is not loaded: "No such process", "Could not find service"."""
STILL_LOADED = frozenset({5, 17, 37})
"""Codes of a `bootstrap` of something that is, or may be, loaded already: 5 is said of nearly everything."""
ENDING = 36
"""Code of a `bootout` whose service is still stopping: "Operation now in progress"."""
NO_DOMAIN = frozenset({112, 125})
"""Codes for a domain that is not there: nobody is logged in at the screen."""
FORBIDDEN = frozenset({1, 13, 150})
_NUMBER = re.compile(r"failed: (\d+)")
_LINE = re.compile(r"^\t([a-z][a-z ]*) = (.*)$")


def render(spec: Spec) -> bytes:
    """Return the property list.

    KeepAlive: 0 is an end that somebody wanted (`partyline down`, another pipeline in the same home), and is left
    alone. launchd has no exit code at which it gives up, so a fault that only a person can mend is tried again each
    `RESTART_S` seconds, and is over without a further command once it is mended.

    ProcessType and LegacyTimers: the default "Standard" lets macOS slow down CPU and timers (a job of 6 min in a
    terminal took 37 as an agent, gitlab-runner#29089), and the mixer has a tick of 10 ms.
    """
    keys: dict[str, Any] = {
        "Label": spec.name,
        "ProgramArguments": list(spec.program),
        "WorkingDirectory": str(spec.home),
        "EnvironmentVariables": dict(spec.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_S,
        "ProcessType": "Interactive",
        "LegacyTimers": True,
        "ExitTimeOut": STOP_LIMIT_S,
        "StandardOutPath": str(spec.log),
        "StandardErrorPath": str(spec.log),
    }
    if spec.user:
        keys["UserName"] = spec.user
    return plistlib.dumps(keys, sort_keys=False)


def read(data: bytes) -> dict[str, Any]:
    """Return the keys of an installed file, empty if it is none."""
    try:
        found = plistlib.loads(data)
    except (plistlib.InvalidFileException, ValueError, OverflowError, IndexError):
        return {}
    except Exception:  # noqa: BLE001  # expat's errors of a broken file have no common base
        return {}
    return found if isinstance(found, dict) else {}


def code_of(text: str, exit_code: int) -> int:
    """Return launchctl's error number, which it prints and mostly exits with."""
    found = _NUMBER.search(text)
    return int(found.group(1)) if found else exit_code


def parse(text: str) -> ServiceState:
    """Return the state that `launchctl print` tells. Only the service's own lines count, not those of inner blocks."""
    matches = [_LINE.match(line) for line in text.splitlines()]
    keys = {found[1]: found[2] for found in matches if found}
    pid = int(keys["pid"]) if keys.get("pid", "").isdigit() else 0
    return ServiceState(
        loaded=True, pid=pid, state=keys.get("state", "unknown"), last_end=_last_end(keys), starts=_number(keys, "runs")
    )


def _last_end(keys: dict[str, str]) -> LastEnd | None:
    if "last terminating signal" in keys:
        name, _, number = keys["last terminating signal"].rpartition(":")
        return LastEnd(signal=name.strip() or number.strip())
    code = keys.get("last exit code", "").split(":")[0].strip()
    return LastEnd(code=int(code)) if code.isdigit() else None


def _number(keys: dict[str, str], name: str) -> int:
    return int(keys[name]) if keys.get(name, "").isdigit() else 0
