"""Where in the rule file something stands, so that an error names the line. No I/O."""

from __future__ import annotations

import re

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[.=]""")
_LONG = re.compile(r'"""|' + "'''")

Step = str | int


def steps(path: str) -> tuple[Step, ...]:
    """Return the steps of a path as msgspec writes it: ``$.rule[1].hold_s`` → ``("rule", 1, "hold_s")``."""
    return tuple(int(number) if number else name for name, number in _STEP.findall(path))


def line_of(text: str, path: tuple[Step, ...]) -> int:
    """Return the line (from 1) of the key at `path`, or of the nearest table around it that the file has."""
    at: tuple[Step, ...] = ()
    seen: dict[str, int] = {}
    best, best_line = 0, 1
    is_long = False
    for number, line in enumerate(text.splitlines(), 1):
        was_long, is_long = is_long, is_long ^ (len(_LONG.findall(line)) % 2 == 1)
        if was_long:
            continue
        if header := _HEADER.match(line):
            at = _table(header[1], header[2], seen)
            here = at
        elif key := _KEY.match(line):
            here = (*at, _bare(key[1]))
        else:
            continue
        if len(here) > best and path[: len(here)] == here:
            best, best_line = len(here), number
    return best_line


def _table(brackets: str, name: str, seen: dict[str, int]) -> tuple[Step, ...]:
    """Return the path of a header. `seen` counts the entries of each list of tables."""
    words = [_bare(word.strip()) for word in name.split(".")]
    if brackets == "[[":
        seen[name] = seen.get(name, -1) + 1
    at: list[Step] = []
    for number, word in enumerate(words, 1):
        at.append(word)
        if (count := seen.get(".".join(words[:number]))) is not None:
            at.append(count)
    return tuple(at)


def _bare(word: str) -> str:
    return word.strip("\"'")
