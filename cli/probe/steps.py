"""The steps of a run, as data. What is done in each is in `cli.probe.own_party` and `cli.probe.their_party`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cli.probe.walk import Walk

Group = Literal["account", "own party", "their party"]
"""Steps of one group belong together: a run that is resumed repeats a group that was not finished."""


@dataclass(frozen=True)
class Step:
    name: str
    group: Group
    title: str
    says: str
    """What is done, in a sentence or two."""
    do: Callable[[Walk], Awaitable[None]]
    """Returns when it went well; raises `common.errors.PartylineError` otherwise, or `Skipped`."""
    failed: str
    """What to do when it failed."""
    visible: str = ""
    """What others see of it: the person is asked first. Empty: nobody sees anything."""
    needs: tuple[str, ...] = ()
    """Steps that must have gone well before."""
    learns: tuple[str, ...] = ()
    """Names of unknowns that it may settle."""


class Skipped(Exception):  # noqa: N818  # a way out, not an error
    """The step was left out; the text says why."""
