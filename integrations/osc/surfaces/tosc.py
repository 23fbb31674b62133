"""Controls of TouchOSC's `.tosc` format as text. No I/O.

A `.tosc` is XML, packed by zlib. Its elements are those that TouchOSC's editor writes (public layouts, version 3 of the
format, which every TouchOSC since 2021 reads). Not opened in TouchOSC yet.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

Colour = tuple[float, float, float]
Frame = tuple[int, int, int, int]
"""x, y, width, height."""
Property = bool | int | float | str | Colour | Frame
VERSION = "3"
FIRST_CONNECTION = "00001"
"""Of five. The rightmost is the first."""
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "partyline/osc")
FLOATS = frozenset({"cornerRadius"})
"""Properties that are floats, whatever number they have."""


@dataclass(frozen=True)
class OscLink:
    """An OSC message of a control."""

    address: str
    value: str = "x"
    """Value of the control that is sent and shown."""
    conversion: str = "FLOAT"
    sends: bool = True
    shows: bool = True
    condition: str = "ANY"
    """``RISE``: only when the button goes down."""


def control(  # noqa: PLR0913  # the parts of a control
    kind: str,
    name: str,
    properties: dict[str, Property],
    *,
    values: dict[str, str] | None = None,
    links: Iterable[OscLink] = (),
    children: Iterable[str] = (),
) -> str:
    """Return one control as XML. Names are distinct, for ids are made of them."""
    every: dict[str, Property] = {"name": name, **properties}
    parts = (
        ("properties", "".join(_property(key, every[key]) for key in sorted(every))),
        ("values", "".join(_value(key, value) for key, value in (values or {}).items())),
        ("messages", "".join(map(_message, links))),
        ("children", "".join(children)),
    )
    inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts if text)
    return f"<node ID='{uuid.uuid5(_NAMES, name)}' type='{kind}'>{inside}</node>"


def document(root: str) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><lexml version='{VERSION}'>{root}</lexml>"


def packed(xml: str) -> bytes:
    return zlib.compress(xml.encode("utf-8"))


def _text(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _property(key: str, value: Property) -> str:
    match value:
        case bool():
            kind, inside = "b", str(int(value))
        case str():
            kind, inside = "s", _text(value)
        case int() | float():
            kind, inside = ("f" if key in FLOATS else "i"), f"{value:g}"
        case (red, green, blue):
            kind, inside = "c", f"<r>{red:g}</r><g>{green:g}</g><b>{blue:g}</b><a>1</a>"
        case (x, y, width, height):
            kind, inside = "r", f"<x>{x}</x><y>{y}</y><w>{width}</w><h>{height}</h>"
    return f"<property type='{kind}'><key>{_text(key)}</key><value>{inside}</value></property>"


def _value(key: str, default: str) -> str:
    return (
        f"<value><key>{_text(key)}</key><locked>0</locked><lockedDefaultCurrent>0</lockedDefaultCurrent>"
        f"<default>{_text(default)}</default><defaultPull>0</defaultPull></value>"
    )


def _message(link: OscLink) -> str:
    trigger = (
        f"<triggers><trigger><var>{_text(link.value)}</var><condition>{link.condition}</condition></trigger></triggers>"
        if link.sends
        else ""
    )
    return (
        f"<osc><enabled>1</enabled><send>{int(link.sends)}</send><receive>{int(link.shows)}</receive>"
        f"<feedback>0</feedback><connections>{FIRST_CONNECTION}</connections>{trigger}"
        f"<path>{_partial('CONSTANT', 'STRING', link.address)}</path>"
        f"<arguments>{_partial('VALUE', link.conversion, link.value)}</arguments></osc>"
    )


def _partial(kind: str, conversion: str, value: str) -> str:
    return (
        f"<partial><type>{kind}</type><conversion>{conversion}</conversion><value>{_text(value)}</value>"
        "<scaleMin>0</scaleMin><scaleMax>1</scaleMax></partial>"
    )
