"""The typed record of a run. Every text in it is our own or scrubbed."""

from __future__ import annotations

from typing import Literal

import msgspec

from cli.probe.observe.observations import Observation
from cli.probe.results.findings import UnknownResult

FORMAT = 1
State = Literal["done", "failed", "skipped"]


class StepRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a run."""

    name: str
    group: str
    title: str
    state: State
    at: float
    """Seconds since the run began."""
    took: float
    """Seconds."""
    told: tuple[str, ...] = ()
    """Actions and observations, a sentence each."""
    code: str = ""
    """Code of the error that ended it."""
    said: str = ""
    """The error's own words, scrubbed."""


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One call to Sony's servers, as in `partyline trace`. Reference ids in the folder are fake."""

    step: str
    at: float
    """Seconds since the run began."""
    call: str
    """Method, host and path template."""
    status: int
    ms: int
    code: int = 0
    said: str = ""
    """Sony's words, scrubbed."""


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    partyline: str
    python: str
    system: str
    libraries: dict[str, str] = {}
    """Versions of aiortc, libopus …, as the workers report them."""


class DrawnValue(msgspec.Struct, frozen=True, kw_only=True):
    """Of a rehearsal: a drawn value of the simulator's unknowns, and the run's result for it."""

    name: str
    way: str
    found: Literal["found", "no difference", "missed"]


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`probe.json`."""

    format: int = FORMAT
    date: str
    """Date of the start, e.g. ``2026-11-28``."""
    rehearsal: bool = False
    seed: int = 0
    finished: bool = False
    left: bool | None = None
    """Whether the leave was confirmed, or None without a party to leave or during the run."""
    versions: Versions
    settings: dict[str, str] = {}
    """``table.key`` → value of the changed settings. Texts are listed without their value."""
    steps: tuple[StepRecord, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    observed: tuple[Observation, ...] = ()
    findings: tuple[UnknownResult, ...] = ()
    drawn: tuple[DrawnValue, ...] = ()
    beyond_ladder: int = 0
    """Calls without messages to members, of the busiest 15 minutes."""
