"""Another machine: a network namespace, reached at one address only."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

SPACE = "partyline-other"
WITHIN = ("ip", "netns", "exec", SPACE)
HERE, THERE = "10.77.3.1", "10.77.3.2"
LINK = "partyline0"
"""Our end of the cable."""


@contextlib.contextmanager
def another_machine() -> Iterator[None]:
    for words in (
        ("ip", "netns", "add", SPACE),
        ("ip", "link", "add", LINK, "type", "veth", "peer", "name", "partyline1"),
        ("ip", "link", "set", "partyline1", "netns", SPACE),
        ("ip", "addr", "add", f"{HERE}/24", "dev", LINK),
        ("ip", "link", "set", LINK, "up"),
        (*WITHIN, "ip", "addr", "add", f"{THERE}/24", "dev", "partyline1"),
        (*WITHIN, "ip", "link", "set", "partyline1", "up"),
        (*WITHIN, "ip", "link", "set", "lo", "up"),
    ):
        subprocess.run(words, check=True)
    try:
        yield
    finally:
        subprocess.run(("ip", "netns", "del", SPACE), check=False)


@contextlib.contextmanager
def pulled() -> Iterator[None]:
    """Pull the cable."""
    subprocess.run(("ip", "link", "set", LINK, "down"), check=True)
    try:
        yield
    finally:
        subprocess.run(("ip", "link", "set", LINK, "up"), check=True)
