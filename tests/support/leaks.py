"""The search for secrets where none may be: logs, output, traces, crash reports, state, of any home that a test used.

Two nets: every secret that a simulator gave out since the test began (its `Ledger`), plain, percent-encoded or in
base64 at any offset; and the shapes that Sony's secrets have, wherever they come from.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

from simulator.shared.issued_secrets import VARIABLE

SHAPES = {
    "a JWT": re.compile(rb"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    "an NPSSO": re.compile(
        rb"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])"
    ),
    "a code": re.compile(rb"\bv3\.[A-Za-z0-9_-]{6,}"),
    "a Basic header": re.compile(rb"Basic [A-Za-z0-9+/]{24,}=*"),
    "a Bearer header": re.compile(rb"Bearer [A-Za-z0-9._-]{20,}"),
}
PIECE = 24
"""So many characters of an end of a secret are the secret. Tokens all begin alike: `SHAPES` has those."""
SOUND = (".wav", ".opus", ".flac", ".mkv")
PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----.*?-----END [A-Z0-9 ]+-----", re.DOTALL)
"""Certificates and keys of a proxy's or a simulator's own: their lines have an NPSSO's shape."""
MAY = frozenset({"secrets"})
"""The folder that stands in for a keychain."""
MADE_UP = frozenset({"captures"})
"""A scrubbed capture has made-up values of the right shape; what the simulator gave out must not be in it either."""


@dataclass(frozen=True)
class Leak:
    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def ledger() -> Path | None:
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else None


def mark() -> int:
    """Return how long the ledger is now: what comes later belongs to the test that begins."""
    file = ledger()
    return file.stat().st_size if file is not None and file.exists() else 0


def issued(since: int = 0) -> dict[str, str]:
    """Return secret → kind, of all that was given out after that `mark`."""
    file = ledger()
    if file is None or not file.exists():
        return {}
    with file.open("rb") as lines:
        lines.seek(since)
        pairs = (line.decode().split(" ", 1) for line in lines.read().splitlines())
        return {secret: kind for kind, secret in pairs}


def needles(secret: str) -> Iterator[bytes]:
    """Yield the byte strings of which none may be found: both ends of `secret`, in each of their spellings."""
    for piece in {secret[-PIECE:], secret[:PIECE]}:
        if piece.startswith("eyJ"):
            continue
        yield from {text.encode() for text in (piece, quote(piece, safe=""), quote_plus(piece))}
        for shift in range(3):
            padded = b"\0" * shift + piece.encode()
            whole = padded[: len(padded) // 3 * 3]
            yield from {
                text[-(-shift * 8 // 6) :] for text in (base64.b64encode(whole), base64.urlsafe_b64encode(whole))
            }


def search(home: Path, since: int = 0) -> list[Leak]:
    """Return every leak in every file under `home`."""
    wanted = [(needle, f"{kind} that the simulator gave out") for secret, kind in issued(since).items()
              for needle in needles(secret)]  # fmt: skip
    found = []
    for file in sorted(home.rglob("*")):
        folders = set(file.relative_to(home).parts)
        if file.is_symlink() or not file.is_file() or file.suffix in SOUND or MAY & folders:
            continue
        data = PEM.sub(b"", _without_the_invitation(file.read_bytes()))
        for needle, what in wanted:
            if (place := data.find(needle)) >= 0:
                found.append(_leak(file, data, place, what))
        shapes = {} if MADE_UP & folders else SHAPES
        found += [
            _leak(file, data, hit.start(), what) for what, shape in shapes.items() for hit in shape.finditer(data)
        ]
    return found


def _without_the_invitation(data: bytes) -> bytes:
    """Take out how a simulator tells a person, or a test, whom to sign in as: that is what these lines are for."""
    return re.sub(rb'(?m)^npsso {2,}\S+$|(?<="npsso":")\w+(?="(?=.*"control_url"))', b"", data)


def _leak(file: Path, data: bytes, place: int, what: str) -> Leak:
    return Leak(file, data.count(b"\n", 0, place) + 1, what)
