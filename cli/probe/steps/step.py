"""A step of the probe, as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from cli.probe.steps.context import StepContext

Group = Literal["account", "own party", "their party"]
"""A resumed run repeats every unfinished group."""


@dataclass(frozen=True)
class ProbeStep:
    name: str
    group: Group
    title: str
    description: str
    """What the step does, in one or two sentences."""
    do: Callable[[StepContext], Awaitable[None]]
    """Returns on success. Raises `common.errors.PartylineError` or `Skipped` otherwise."""
    advice: str
    """Advice after a failure."""
    visible: str = ""
    """Effects that others see, for which the user is asked first, or empty for none."""
    needs: tuple[str, ...] = ()
    """Steps that must have succeeded before."""
    learns: tuple[str, ...] = ()
    """Names of unknowns that it may settle."""
