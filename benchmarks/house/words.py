"""Word figures of the tree's sentences. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

WATCHED = {
    "so long / so many": r"\bso (long|many|much|often)\b",
    "anew": r"\banew\b",
    "of ours": r"\bof (ours|its own)\b",
    "whom": r"\bwhom\b",
    "nothing need be": r"\bnothing need\b",
    "is done without": r"\bis done without\b",
    "take back": r"\b(take|taken|takes|took) back\b",
    "what is none": r"\bthat is none\b|\bwho is none\b",
}
"""Private phrases to avoid, by label."""
JOINED = re.compile(r"[;:](?!\S)")
"""A semicolon or colon that joins two sentences."""


def counts(sentences: Sequence[str]) -> dict[str, int]:
    """Return how often each of `WATCHED` occurs in the sentences."""
    return {
        name: sum(len(re.findall(pattern, sentence, re.IGNORECASE)) for sentence in sentences)
        for name, pattern in WATCHED.items()
    }


def joined_share(sentences: Iterable[str]) -> float:
    """Return the share of sentences that a semicolon or colon joins from two."""
    found = [bool(JOINED.search(sentence.rstrip(":"))) for sentence in sentences]
    return sum(found) / len(found) if found else 0.0
