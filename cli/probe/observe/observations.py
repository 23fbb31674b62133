"""Typed observations of the probe. Nothing in them names a person, a party or an address."""

from __future__ import annotations

from typing import Literal

import msgspec


class _Seen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    step: str = ""
    """Name of the step of the observation."""


class Shows(_Seen, frozen=True, kw_only=True, tag=True):
    """A value of an unknown was observed."""

    name: str
    """As in `common.psn.unknowns`."""
    value: str
    how: str = ""
    """In our own words."""


class Numbers(_Seen, frozen=True, kw_only=True, tag=True):
    """The u32 at offset 8 of one sender's messages, in order of arrival."""

    who: str
    """``A``, ``B`` …, members in the order in which they were seen."""
    counters: tuple[int, ...]


class OfferBehaviour(_Seen, frozen=True, kw_only=True, tag="Offers"):
    """Whether a member offered on its own while we held back our offers."""

    who: str
    older: bool
    """Whether the member was in the party before us."""
    smaller: bool
    """Whether its account id is smaller than ours, or it is a console of our own account."""
    offered: bool
    waited_s: float


class Glare(_Seen, frozen=True, kw_only=True, tag=True):
    """Whether a member answered our offer while its own offer was pending."""

    who: str
    older: bool
    answered: bool


class Works(_Seen, frozen=True, kw_only=True, tag=True):
    """A member connected after messages in this form."""

    who: str
    form: dict[str, str]
    """Name of an unknown → value."""


class Unfit(_Seen, frozen=True, kw_only=True, tag=True):
    """Our message in an unknown form was refused, or silently lost."""

    who: str
    how: Literal["refused", "ignored"]


Observation = Shows | Numbers | OfferBehaviour | Glare | Works | Unfit
