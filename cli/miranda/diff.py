"""The differences of two frames, messages or descriptions.

Order is ignored in SDP's attribute lines within a section, and in the JSON's keys and lists. It matters in the
m-line's payload types (the order of preference) and in the order of sections.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from cli.miranda.pasted import Pasted
from common.psn.miranda.header import fields
from common.psn.sdp.dialect import Part, parts

Layer = Literal["around", "header", "json", "sdp"]


@dataclass(frozen=True)
class MessageDifference:
    """One difference. `left` or `right` is None if only the other side has the value."""

    part: Layer
    where: str
    left: str | None
    right: str | None


def differences(left: Pasted, right: Pasted) -> list[MessageDifference]:
    """Return what differs, outermost part first. Parts that only one of them can have (a header, say) are omitted."""
    found = []
    if left.around and right.around:
        found += _flat("around", left.around, right.around)
    if left.body is not None and right.body is not None:
        found += _flat("header", _header(left.body), _header(right.body))
    if left.message is not None and right.message is not None:
        found += _flat("json", flattened(_without_sdp(left.message)), flattened(_without_sdp(right.message)))
    if left.sdp is not None or right.sdp is not None:
        found += _sdp(left.sdp or "", right.sdp or "")
    return found


def _header(body: bytes) -> dict[str, str]:
    return {field.name: field.value for field in fields(body)}


def _without_sdp(message: Any) -> Any:
    return {key: value for key, value in message.items() if key != "sdp"} if isinstance(message, dict) else message


def _flat(part: Layer, left: dict[str, str], right: dict[str, str]) -> list[MessageDifference]:
    keys = list(dict.fromkeys([*left, *right]))
    return [
        MessageDifference(part, key, left.get(key), right.get(key)) for key in keys if left.get(key) != right.get(key)
    ]


def flattened(value: Any, path: str = "") -> dict[str, str]:
    """Return path → JSON of every leaf. Lists are sorted first."""
    if isinstance(value, dict) and value:
        inner = [(f"{path}.{key}" if path else str(key), item) for key, item in sorted(value.items())]
    elif isinstance(value, list) and value:
        inner = [(f"{path}[{place}]", item) for place, item in enumerate(sorted(value, key=_dumped))]
    else:
        return {path: _dumped(value)}
    return {where: leaf for name, item in inner for where, leaf in flattened(item, name).items()}


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# --- SDP ---------------------------------------------------------------------------------------------


def _sdp(left: str, right: str) -> list[MessageDifference]:
    ours, theirs = _named(parts(left)), _named(parts(right))
    found: list[MessageDifference] = []
    common = [name for name in ours if name in theirs]
    if common != [name for name in theirs if name in ours]:
        found.append(MessageDifference("sdp", "order of sections", " ".join(ours), " ".join(theirs)))
    for name in dict.fromkeys([*ours, *theirs]):
        empty = Part(name, "", [])
        found += _section(name, ours.get(name, empty), theirs.get(name, empty))
    return found


def _named(found: list[Part]) -> dict[str, Part]:
    """Return the parts by kind. A second one of a kind gets a number."""
    named: dict[str, Part] = {}
    for part in found:
        number = sum(name.split(" ")[0] == part.kind for name in named)
        named[f"{part.kind} {number + 1}" if number else part.kind] = part
    return named


def _section(name: str, left: Part, right: Part) -> list[MessageDifference]:
    found = []
    if left.first != right.first:
        found.append(MessageDifference("sdp", name, left.first or None, right.first or None))
    ours, theirs = Counter(left.lines), Counter(right.lines)
    missing, added = list((ours - theirs).elements()), list((theirs - ours).elements())
    for line in missing:
        twin = next((other for other in added if _about(other) == _about(line)), None)
        if twin is not None:
            added.remove(twin)
        found.append(MessageDifference("sdp", name, line, twin))
    return [*found, *(MessageDifference("sdp", name, None, line) for line in added)]


def _about(line: str) -> str:
    """Return the subject of a line. Two values are shown side by side only for the same subject."""
    name, _, value = line.partition(":")
    if name in ("a=rtpmap", "a=fmtp", "a=extmap", "a=candidate"):
        return f"{name}:{value.split(' ')[0]}"
    if name == "a=ssrc":
        return "a=ssrc " + value.partition(" ")[2].partition(":")[0]
    if name in ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"):
        return "direction"
    return name if line.startswith("a=") else line[:2]
