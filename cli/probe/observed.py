"""What the probe saw, typed: nothing in it names a person, a party or an address."""

from __future__ import annotations

from typing import Literal

import msgspec


class _Seen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    step: str = ""
    """Name of the step in which it was seen."""


class Shows(_Seen, frozen=True, kw_only=True, tag=True):
    """An undecided fact showed itself."""

    name: str
    """As in `common.psn.unknowns`."""
    value: str
    how: str = ""
    """In words of ours."""


class Numbers(_Seen, frozen=True, kw_only=True, tag=True):
    """The u32 at offset 8 of one sender's messages, in the order in which they came."""

    who: str
    """``A``, ``B`` …: members as they were met."""
    counters: tuple[int, ...]


class Offers(_Seen, frozen=True, kw_only=True, tag=True):
    """Whether a member offered by itself while we held our own offers back."""

    who: str
    older: bool
    """The member was in the party before us."""
    smaller: bool
    """Its account id is smaller than ours, or it is a console of our own account."""
    offered: bool
    waited_s: float


class Glare(_Seen, frozen=True, kw_only=True, tag=True):
    """Whether a member answered an offer of ours while its own one waited for our answer."""

    who: str
    older: bool
    answered: bool


class Works(_Seen, frozen=True, kw_only=True, tag=True):
    """A member was connected by messages of ours in this form."""

    who: str
    form: dict[str, str]
    """Name of an unknown → value."""


class Unfit(_Seen, frozen=True, kw_only=True, tag=True):
    """A message of ours in a form that is not understood was refused, or lost without a word."""

    who: str
    how: Literal["refused", "ignored"]


Observation = Shows | Numbers | Offers | Glare | Works | Unfit
