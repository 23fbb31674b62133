"""The report as a zip archive in memory."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cli.machine.report.contents import ReportPart
from cli.machine.report.scrub import ReportScrubber

ABOUT = "README.txt"
_WORDS = """\
A report of partyline, made by `partyline report`.

Secrets, names, ids and addresses were taken out by a program. Members are called member-1 and so on, in all files
alike. A word that is not part of partyline's own source code was replaced by a made-up one of the same length.
Addresses are of the ranges for documentation (192.0.2.x stands for a private one). Look through it before you send it.

"""


@dataclass(frozen=True)
class Packed:
    """One file of the archive."""

    name: str
    what: str
    size: int
    """Bytes before compression. 0 if it was left out."""


def pack(parts: Sequence[ReportPart], scrubber: ReportScrubber) -> tuple[bytes, list[Packed]]:
    """Return the archive and its files. A part in which something known is left is not packed."""
    out, packed = io.BytesIO(), []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            text = content(part, scrubber)
            name = part.name if part.harmless else scrubber.text(part.name)
            if scrubber.left_in(text) and not part.harmless:
                packed.append(Packed(name, f"left out: something in it could not be hidden ({part.what})", 0))
                continue
            archive.writestr(name, text)
            packed.append(Packed(name, part.what, len(text.encode())))
        archive.writestr(ABOUT, _WORDS + "\n".join(f"{one.name}: {one.what}" for one in packed) + "\n")
    return out.getvalue(), packed


def content(part: ReportPart, scrubber: ReportScrubber) -> str:
    """Return the scrubbed content of a part."""
    if part.harmless:
        return _json(part.data)
    if part.data is not None:
        return _json(scrubber.data(part.data))
    return "".join(f"{line_of(line, scrubber.data, scrubber.text)}\n" for line in part.text.splitlines())


def line_of(line: str, data: Callable[[Any], Any], text: Callable[[str], str]) -> str:
    """Return a log's line scrubbed: a JSON record value by value, any other line as a text."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return text(line)
    return json.dumps(data(record), ensure_ascii=False) if isinstance(record, dict) else text(line)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
