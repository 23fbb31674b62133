"""What a run leaves behind, typed. Every text in it is ours, or has been through the scrubber."""

from __future__ import annotations

from typing import Literal

import msgspec

from cli.probe.findings import Finding
from cli.probe.observed import Observation

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
    """What was done and seen, a sentence each."""
    code: str = ""
    """Of the error that ended it."""
    said: str = ""
    """The error's own words, scrubbed."""


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One call to Sony's servers, as `partyline trace` has it. Reference ids are made up in the folder."""

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
    """aiortc, libopus …, as the workers tell them."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """Of a rehearsal: how the simulator's unknowns fell, and what the run made of it."""

    name: str
    way: str
    found: Literal["found", "no difference", "missed"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`probe.json`."""

    format: int = FORMAT
    date: str
    """Of the run's beginning: ``2026-11-28``."""
    rehearsal: bool = False
    seed: int = 0
    finished: bool = False
    left: bool | None = None
    """Whether the leave was confirmed; None: there was no party to leave, or the run goes on."""
    versions: Versions
    settings: dict[str, str] = {}
    """``table.key`` → value of settings that are not the default; texts are only named."""
    steps: tuple[StepRecord, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    observed: tuple[Observation, ...] = ()
    findings: tuple[Finding, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    beyond_ladder: int = 0
    """Calls without messages to members, of the busiest 15 minutes."""
