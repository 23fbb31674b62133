"""The words that a report may contain: those of partyline's own source code, of Python and of the packages in use.

A word that stands in the source code names nobody. Every other one is replaced, so that a name needs not be known to be
left out. The simulator's sources are not read, since they hold made-up names of people.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

PARTS = ("common", "workers", "cli", "captures", "integrations")
COMPOUND = re.compile(r"[A-Za-z0-9]+(?:[_-]+[A-Za-z0-9]+)*")
"""Runs of letters and digits, joined by ``_`` and ``-`` as in online ids."""
RUN = re.compile(r"[A-Za-z0-9]+")
_TRACED = re.compile(r'File "([^"\n]+\.py)", line \d+')
MOST_TRACED = 60
"""Library files of tracebacks whose words are read."""


def words_of(text: str) -> set[str]:
    """Return the words of a source text in lower case, joined and apart."""
    found: set[str] = set()
    for match in COMPOUND.finditer(text):
        whole = match[0].casefold()
        found.add(whole)
        found.update(run.casefold() for run in RUN.findall(whole))
    return found


@functools.cache
def own_words() -> frozenset[str]:
    """Return the words of our sources and of Python's own names."""
    found = words_of(" ".join([*sys.stdlib_module_names, *dir(builtins), sys.platform, "darwin macos linux"]))
    for part in PARTS:
        place = importlib.import_module(part).__file__
        for file in sorted(Path(str(place)).parent.rglob("*.py")) if place else ():
            found |= words_of(file.read_text("utf-8", "replace"))
    return frozenset(found)


def words_of_tracebacks(texts: Iterable[str]) -> set[str]:
    """Return the words of library files that tracebacks in `texts` name, so that these stay readable."""
    roots = tuple({str(Path(root).resolve()) for root in (sys.prefix, sys.base_prefix)})
    named = dict.fromkeys(match[1] for text in texts for match in _TRACED.finditer(text.replace('\\"', '"')))
    found: set[str] = set()
    for name in list(named)[-MOST_TRACED:]:
        try:
            file = Path(name).resolve()
            if str(file).startswith(roots):
                found |= words_of(file.read_text("utf-8", "replace")) | words_of(Path(name).name)
        except OSError:
            continue
    return found
