"""Normalisation of pasted text and of names, for comparing, parsing and display. No I/O."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2028\u2029\u0085\x0b\x0c", "\n"),
    }
)
_ENTITIES = {
    "amp": "&",
    "quot": '"',
    "apos": "'",
    "lt": "<",
    "gt": ">",
    "nbsp": " ",
    "#34": '"',
    "#39": "'",
    "#38": "&",
}
_ENTITY = re.compile(rf"&({'|'.join(_ENTITIES)}|#\d{{1,5}});", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([_*~`&/\"'])")
"""Characters that Markdown, chats and JSON escape."""
_JSON = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nr])")
"""JSON escapes of invisible characters and line breaks."""
_HIDDEN = frozenset({"Cf", "Cs", "Co", "Cn"})
_BLANK = "\u115f\u1160\u3164\uffa0\u2800\u034f"
"""Letters and marks without a visible glyph."""
_ROUNDS = 4


def folded(text: str) -> str:
    """Return `text` as NFKC with straight quotes, plain hyphens and blanks, and nothing invisible."""
    text = unicodedata.normalize("NFKC", text.translate(_FOLDED)).translate(_FOLDED)
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char in "\n\r\t":
        return char
    category = unicodedata.category(char)
    if category in _HIDDEN or category == "Cc":
        return ""
    return " " if category == "Zs" else char


def same_name(one: str, other: str) -> bool:
    """Return whether two names are the same to a person who types one of them."""
    return name_key(one) == name_key(other)


def name_key(name: str) -> str:
    """Return a key that is equal for names that look the same to a person."""
    return " ".join(folded(name).split()).casefold()


def untangled(text: str) -> str:
    """Return a paste in plain forms, without the escapes of mail, chats and pages."""
    text = _JSON.sub(lambda match: folded(chr(int(match[1], 16))) if match[1] else "\n", folded(text))
    text = _ENTITY.sub(_meant, text)
    return _ESCAPED.sub(r"\1", text)


def _meant(entity: re.Match[str]) -> str:
    name = entity[1].lower()
    return folded(chr(int(name[1:]))) if name[0] == "#" else _ENTITIES[name]


def decoded(text: str) -> list[str]:
    """Return the untangled `text` and the result of each round of percent-decoding."""
    found = [text]
    while len(found) <= _ROUNDS and (plainer := untangled(unquote(found[-1], errors="replace"))) != found[-1]:
        found.append(plainer)
    return found


def shown(name: str, instead: str = "") -> str:
    """Return `name` without characters that reverse, hide or erase the text around it.

    Return `instead` if none of its characters is visible.
    """
    spaced = (" " if char.isspace() else char for char in name)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in {*_HIDDEN, "Cc"})
    kept = " ".join(kept.split())
    return kept if any(_is_seen(char) for char in kept) else instead


def _is_seen(char: str) -> bool:
    return char not in _BLANK and unicodedata.category(char)[0] in "LNPS"
