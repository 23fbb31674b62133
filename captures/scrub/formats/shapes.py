"""Patterns of the text parts that `captures.scrub.scrubber` replaces, each in its own way."""

from __future__ import annotations

import re

from captures.scrub.allow_list import PSN_SUFFIXES

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
FORM = re.compile(r"[\w.%-]+=[^&\s]*(?:&[\w.%-]+=[^&\s]*)+", re.ASCII)
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{6,}|[A-Za-z0-9_-]{6,})={0,2}")
OTHER = re.compile(r"[^-._~:/=+,;@ ?&%#()\[\]{}<>|\"\n\r\t]")
_ALTERNATIVES = {
    "url": r"[A-Za-z][A-Za-z0-9+.-]{1,40}://[^\s\"<>]+",
    "host": rf"(?<![\w@-])(?:[A-Za-z0-9_-]{{1,63}}\.){{1,8}}(?:{'|'.join(map(re.escape, PSN_SUFFIXES))})(?![\w.-])",
    "jwt": r"ey[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){2,4}",
    "uuid": r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])",
    "six": r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}(?![\w:])",
    "four": r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.])",
    "dashed": r"(?<![\w-])[0-9]{1,3}(?:-[0-9]{1,3}){3}(?!\w)",
    "base64": r"[A-Za-z0-9+/_-]{12,}={0,2}",
    "run": r"(?:[A-Za-z0-9]|[^\x00-\x7f])+",
    "other": r"[^A-Za-z0-9]",
}
PARTS = re.compile("|".join(f"(?P<{name}>{text})" for name, text in _ALTERNATIVES.items()), re.ASCII)
INNER = re.compile(
    "|".join(f"(?P<{name}>{text})" for name, text in _ALTERNATIVES.items() if name != "base64"), re.ASCII
)
"""`PARTS` without base64, for text that only looked like it: ids with ``-``, ``/`` and ``_`` between them."""
SIMPLE = re.compile("|".join(f"(?P<{name}>{_ALTERNATIVES[name]})" for name in ("run", "other")), re.ASCII)
