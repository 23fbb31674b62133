"""Terminal output with colours, aligned columns, and figures with units."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from common.psn.miranda.platforms import PLAIN

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_GAP = "  "


class Style:
    """Colours text if `on`."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Return a style with colours for a terminal, unless ``NO_COLOR`` is set."""
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(on=stream.isatty() and not plain)

    def __call__(self, text: str, colour: str) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.on and text and colour else text


def width(text: str) -> int:
    """Return the columns that `text` (without escape codes) takes in a terminal."""
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


Cell = str | tuple[str, str]
"""Text, or text and its colour."""


@dataclass(frozen=True)
class Table:
    """A table with aligned columns."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    right: str = ""
    """One letter for each column. ``r`` aligns it right."""

    def lines(self, style: Style) -> list[str]:
        cells = [[(cell, "") if isinstance(cell, str) else cell for cell in row] for row in self.rows]
        titles = [(title, "dim") for title in self.head]
        widths = [max(width(row[column][0]) for row in [titles, *cells]) for column in range(len(self.head))]
        return [_line(row, widths, style, self.right) for row in [titles, *cells]]

    def fitted(self, room: int, spare: Sequence[str]) -> Table:
        """Return a table at most `room` characters wide. It omits columns of `spare` in turn until it fits."""
        found = self
        for title in spare:
            if max(width(line) for line in found.lines(Style(on=False))) <= room:
                break
            found = found.without(title)
        return found

    def without(self, title: str) -> Table:
        keep = [column for column, name in enumerate(self.head) if name != title]
        return Table(
            [self.head[column] for column in keep],
            [[row[column] for column in keep] for row in self.rows],
            "".join(self.right[column : column + 1] for column in keep),
        )


def _line(row: Sequence[tuple[str, str]], widths: Sequence[int], style: Style, right: str) -> str:
    parts = []
    for column, (text, colour) in enumerate(row):
        fill = " " * (widths[column] - width(text))
        coloured = style(text, colour)
        parts.append(fill + coloured if right[column : column + 1] == "r" else coloured + fill)
    return "  " + _GAP.join(parts).rstrip()


def printable(text: str) -> str:
    """Return untrusted `text` without control characters for the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def platform_name(platform: str) -> str:
    return PLAIN.get(platform, printable(platform))


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def ms(value: float) -> str:
    return f"{value:.0f} ms"


def megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if 0 < count < 9_950_000 else f"{count / 1e6:.0f} MB"


def decibels(gain_db: float) -> str:
    return f"{gain_db:+g} dB" if gain_db else "0 dB"


def span(seconds: float) -> str:
    """Return a rounded duration: ``12 s``, ``3 min``, ``5 h 20 min``, ``58 days``."""
    seconds = max(0, round(seconds))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86400} days"


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Return the names as an enumeration: ``A``, ``A and B``, ``A, B and C``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def echo(text: str = "", stream: TextIO | None = None) -> None:
    """Print one line and flush."""
    print(text, file=stream or sys.stdout, flush=True)


def echo_json(value: object, *, compact: bool = False) -> None:
    """Print `value` (messages included) as JSON."""
    import json  # noqa: PLC0415  # only with --json

    import msgspec  # noqa: PLC0415

    plain = msgspec.to_builtins(value)
    echo(safe_json(json.dumps(plain, ensure_ascii=False, indent=None if compact else 2)))


def safe_json(text: str) -> str:
    """Return JSON with escapes for characters that could control a terminal or reverse the text direction."""
    return "".join(letter if letter.isprintable() or letter == "\n" else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}" for at in range(0, len(units), 2))


def over_ssh(environ: Mapping[str, str]) -> bool:
    """Return whether this terminal is on another machine."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def has_browser() -> bool:
    """Return whether a window can open here. A text browser would take over this terminal.

    Over ssh it would open on the other machine's screen, if anywhere.
    """
    if over_ssh(os.environ):
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
