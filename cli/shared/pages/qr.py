"""QR codes in a terminal, for phones."""

from __future__ import annotations

import sys

import segno

from cli.shared.terminal import echo


def echo_qr(address: str) -> None:
    """Print an address as a QR code, if somebody looks at a terminal that has its characters."""
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        for line in qr_lines(address):
            echo(line)


def qr_lines(text: str) -> list[str]:
    """Return a QR code in half blocks, dark on light whatever the terminal's colours."""
    rows = [list(row) for row in segno.make_qr(text).matrix_iter(border=4)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    lines = ["".join(blocks[bool(a), bool(b)] for a, b in zip(*rows[at : at + 2], strict=True))
             for at in range(0, len(rows), 2)]  # fmt: skip
    on = sys.stdout.isatty()
    return [f"\x1b[97;40m{line}\x1b[0m" if on else line for line in lines]
