r"""customData3 and customData4 of a party member, which are base64 of text.

customData3 is ``<session id>\n`` and then, for each of the *other* members, ``<account id, padded with '0' to 21>\n``
[seen: two events, and the view]. customData4 is a JSON array of strings, ten at join. The meaning of its places is
mostly [open], so they are kept as they came.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Literal

import msgspec

from common.errors import PartylineError

MAX_CHARS = 64 * 1024
"""Longest customData that is decoded."""
MAX_OTHERS = 64
"""Lines of customData3 that are read. A party has 16 members."""
NUMBER_PLACE = 1
"""Empty at join, later base64 of a little-endian u32 [seen]. Its meaning is [open]."""
VERSION_PLACE = 4
MUTED_PLACE = 5
"""``"0"`` → ``"1"`` when the member mutes [one: Tustin; seen to change]."""
_ID_DIGITS = 21


class BadCustomData(PartylineError):  # noqa: N818  # the field's word for it
    """Custom data that cannot be read. `message` says what is wrong with it."""

    code = "psn.bad-custom-data"

    def __init__(self, message: str) -> None:
        super().__init__(message, "Nothing to do: that member's state stays unknown.")


class CustomData3(msgspec.Struct, frozen=True, kw_only=True):
    session_id: str
    others: tuple[str, ...] = ()
    """Account ids of the other members, decimal and without the padding."""


class CustomData4(msgspec.Struct, frozen=True, kw_only=True):
    """`fields` as they came. Any number of them and any type are accepted."""

    fields: tuple[Any, ...] = ("", "", "1", "0", "6.2.0", "0", "0", "0", "", "")
    """The default is what the app sends at join [seen]."""

    @property
    def muted(self) -> bool | None:
        """Whether the member reports itself muted, or None if it does not report that."""
        value = self.fields[MUTED_PLACE] if len(self.fields) > MUTED_PLACE else None
        return {"0": False, "1": True}.get(value) if isinstance(value, str) else None

    @property
    def version(self) -> str:
        value = self.fields[VERSION_PLACE] if len(self.fields) > VERSION_PLACE else ""
        return value if isinstance(value, str) else ""

    @property
    def place_1(self) -> Literal["empty", "number", ""]:
        """The kind of value at `NUMBER_PLACE`, or "" for anything else."""
        value = self.fields[NUMBER_PLACE] if len(self.fields) > NUMBER_PLACE else None
        if value == "":
            return "empty"
        if not isinstance(value, str):
            return ""
        try:
            return "number" if len(base64.b64decode(value, validate=True)) == 4 else ""
        except (binascii.Error, ValueError):
            return ""

    def with_place_1(self, value: str) -> CustomData4:
        """Return a copy whose place 1 is ``empty``, or a ``number`` as it was seen."""
        fields = [*self.fields, *[""] * (NUMBER_PLACE + 1 - len(self.fields))]
        fields[NUMBER_PLACE] = base64.b64encode((1).to_bytes(4, "little")).decode() if value == "number" else ""
        return CustomData4(fields=tuple(fields))


def encode3(data: CustomData3) -> str:
    lines = [data.session_id, *(account_id.rjust(_ID_DIGITS, "0") for account_id in data.others)]
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()


def decode3(text: str) -> CustomData3:
    """Return decoded customData3. Raises `BadCustomData`."""
    session_id, *lines = (line.strip() for line in _text(text).split("\n"))
    others = tuple(line for line in lines if line)
    if not session_id or not all(line.isascii() and line.isdecimal() for line in others):
        raise BadCustomData("customData3 is not a session id and account ids on a line each.")
    return CustomData3(session_id=session_id, others=tuple(line.lstrip("0") or "0" for line in others[:MAX_OTHERS]))


def encode4(data: CustomData4) -> str:
    """Return customData4 as it is sent. Raises `BadCustomData` where a field cannot be written as JSON."""
    try:
        return base64.b64encode(msgspec.json.encode(data.fields)).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadCustomData(f"customData4 cannot be written as JSON: {error}.") from error


def decode4(text: str) -> CustomData4:
    """Return the fields of customData4. Raises `BadCustomData`."""
    try:
        fields = msgspec.json.decode(_text(text), type=list[Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadCustomData(f"customData4 is no JSON array: {error}.") from error
    return CustomData4(fields=tuple(fields))


def _text(text: str) -> str:
    if len(text) > MAX_CHARS:
        raise BadCustomData(f"Custom data of {len(text)} characters is over the limit of {MAX_CHARS}.")
    plain = text.strip().rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise BadCustomData(f"Custom data is not base64 of text: {error}.") from error
