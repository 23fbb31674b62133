"""Project files for audio editors, and chapters. No I/O.

LOF is Audacity's list of files (Audacity Manual, "Importing Audio", LOF files). RPP is REAPER's project, a tree of
`<NAME …` and `>` lines whose words are quoted by whichever of `"`, `'` and a backtick they do not hold. chapters.json
is what Podcasting 2.0 calls JSON chapters, version 1.2.0 (Podcastindex-org/podcast-namespace, chapters/jsonChapters).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from common.messages import SAMPLE_RATE
from workers.recorder.export.audio_copy import Chapter

CHAPTERS_VERSION = "1.2.0"
_QUOTES = "\"'`"


def lof(files: Sequence[str], seconds: float) -> str:
    """Return a list of files that Audacity opens as the tracks of one project. Relative to the list's own folder."""
    window = f"window offset 0 duration {seconds:.6f}\n"
    return window + "".join(f'file "{_one_line(file).replace(chr(34), chr(39))}" offset 0\n' for file in files)


def rpp(files: Sequence[tuple[str, str]], seconds: float, marks: Sequence[tuple[float, str]]) -> str:
    """Return a REAPER project with a track for each (file, title), and the marks as its markers."""
    lines = ['<REAPER_PROJECT 0.1 "7.0" 0', f"  SAMPLERATE {SAMPLE_RATE} 0 0"]
    lines += [f"  MARKER {number} {at:.6f} {_quoted(text)} 0" for number, (at, text) in enumerate(marks, 1)]
    for file, title in files:
        lines += [
            "  <TRACK",
            f"    NAME {_quoted(title)}",
            "    <ITEM",
            "      POSITION 0",
            f"      LENGTH {seconds:.6f}",
            f"      NAME {_quoted(title)}",
            "      <SOURCE FLAC",
            f"        FILE {_quoted(file)}",
            "      >",
            "    >",
            "  >",
        ]
    return "\n".join([*lines, ">"]) + "\n"


def _quoted(text: str) -> str:
    plain = _one_line(text)
    quote = next((quote for quote in _QUOTES if quote not in plain), "`")
    return quote + plain.replace("`", "'") + quote if quote == "`" else quote + plain + quote


def _one_line(text: str) -> str:
    return " ".join(text.split())


def chapters_json(chapters: Sequence[Chapter]) -> bytes:
    found = [{"startTime": round(one.start, 3), "endTime": round(one.end, 3), "title": one.title} for one in chapters]
    written = msgspec.json.encode({"version": CHAPTERS_VERSION, "chapters": found})
    return msgspec.json.format(written, indent=2) + b"\n"
