"""Runs checks side by side, each with its time limit. One that hangs or fails is a finding, and holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cli.machine.doctor.check import Check, CheckEvidence, CheckFinding, CheckVerdict, finding
from cli.machine.doctor.surroundings import ProbeProcessError, Surroundings, TooSlowError
from common.basic.threads import in_thread

AT_ONCE = 8
"""Probes that run side by side. More only wait for each other on a machine with few cores."""
_LATER = "Run `partyline doctor` again. If it stays so, report it with `partyline report`."

Measure = Callable[[Surroundings], CheckEvidence]


async def examine(checks: Sequence[Check[Any]], surroundings: Surroundings) -> list[CheckFinding]:
    """Return the finding of each check, in their order."""
    gate = asyncio.Semaphore(AT_ONCE)
    probes = list(dict.fromkeys(check.measure for check in checks))
    wait_s = {probe: max(check.wait_s for check in checks if check.measure is probe) for probe in probes}
    measured = await asyncio.gather(*(_measured(probe, surroundings, wait_s[probe], gate) for probe in probes))
    evidence = dict(zip(probes, measured, strict=True))
    return [_judged(check, evidence[check.measure]) for check in checks]


def applicable(checks: Iterable[Check[Any]], platform: str, *, offline: bool) -> list[Check[Any]]:
    """Return the checks that make sense on `platform`, without those that contact anybody if `offline`."""
    return [check for check in checks if check.only_on in ("", platform) and not (offline and check.contacts)]


async def _measured(
    probe: Measure, surroundings: Surroundings, wait_s: float, gate: asyncio.Semaphore
) -> CheckEvidence | Exception:
    async with gate:
        try:
            return await in_thread(lambda: probe(surroundings), name=probe.__name__, wait_s=wait_s)
        except Exception as error:  # noqa: BLE001  # a check that fails is told as such, below
            return error


def _judged(check: Check[Any], measured: CheckEvidence | Exception) -> CheckFinding:
    if isinstance(measured, Exception):
        return finding(check, _failed(check, measured), None)
    return finding(check, check.judge(measured), measured)


def _failed(check: Check[Any], error: Exception) -> CheckVerdict:
    if isinstance(error, TooSlowError | ProbeProcessError):
        return CheckVerdict("cannot tell", f"This could not be measured: {error}.", _LATER)
    if isinstance(error, TimeoutError):
        return CheckVerdict("cannot tell", f"This could not be measured within {check.wait_s:g} s.", _LATER)
    return CheckVerdict("cannot tell", f"This could not be measured: {type(error).__name__}: {error}.", _LATER)
