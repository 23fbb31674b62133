"""What is exported of a recording: its sounds, its title and its chapters, as its index names them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from common.messages import SAMPLE_RATE
from workers.recorder.export.audio_copy import Chapter, CopyOf
from workers.recorder.files.index_format import IndexFile

BEGINNING = "Beginning"
"""Title of what is before the first mark."""


def chapters(session: IndexFile) -> list[Chapter]:
    """Return a chapter from each mark to the next one. Without marks there are none."""
    marks = sorted((mark.at, mark.text or f"Mark {number}") for number, mark in enumerate(session.marks, 1))
    starts = [(at, text) for at, text in marks if at < session.seconds]
    if not starts:
        return []
    if starts[0][0] > 1 / SAMPLE_RATE:
        starts.insert(0, (0.0, BEGINNING))
    ends = [at for at, _ in starts[1:]] + [session.seconds]
    return [Chapter(at, end, text) for (at, text), end in zip(starts, ends, strict=True)]


def title(session: IndexFile) -> str:
    when = datetime.fromtimestamp(session.started_at).astimezone().strftime("%Y-%m-%d %H:%M")
    name = "" if session.name == session.kind else session.name
    return " · ".join(filter(None, (session.party, name, session.kind.capitalize() + " of " + when)))


def sounds(folder: Path, session: IndexFile) -> list[tuple[Path, str]]:
    """Return the files that are there, each with its title, the mix first."""
    named = [(session.mix, "mix")] if session.mix else []
    named += [(talker.file, talker.online_id or talker.account_id) for talker in session.talkers if talker.file]
    return [(folder / file, name) for file, name in named if (folder / file).is_file()]


def clip_copy(folder: Path, session: IndexFile, seconds: float) -> CopyOf:
    """Return the mix, or the sum of the talkers if there is none."""
    found = sounds(folder, session)
    mix = [path for path, _ in found if path.name == session.mix]
    return CopyOf(mix or [path for path, _ in found], title(session), chapters(session), seconds)
