"""State machines as they are drawn in the notes, to be compared with their tables."""

from __future__ import annotations

import re

from common.files.paths import CHECKOUT

_ARROW = re.compile(r"^\s+(\w+) --> (\w+): (.+)$", re.MULTILINE)


def drawn(notes: str, first: str = "stateDiagram-v2") -> set[tuple[str, str, str]]:
    """Return (from, event, to) of every arrow in the drawing of a file of notes/, which begins with the words `first`.

    One arrow may carry several events.
    """
    text = (CHECKOUT / "notes" / notes).read_text("utf-8")
    drawing = text[text.index(first) :].partition("```")[0]
    arrows = _ARROW.findall(drawing)
    return {(before, event.strip(), after) for before, after, events in arrows for event in events.split(",")}
