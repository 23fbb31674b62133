"""QR codes in the terminal, for phones."""

from __future__ import annotations

import io
import sys

import segno

from cli.shared.terminal import echo


def echo_qr(address: str) -> None:
    """Print an address as a QR code, if somebody looks at a terminal that has its characters."""
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        echo(drawn(address))


def drawn(address: str) -> str:
    """Return the code in half blocks, light on dark as terminals mostly are."""
    out = io.StringIO()
    segno.make(address, micro=False, error="l").terminal(out, compact=True, border=2)
    return out.getvalue().rstrip("\n")
