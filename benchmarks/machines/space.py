"""Another machine: a network namespace, reached at one address only.

Runs side by side need a number each: ``MACHINES_NUMBER=4 python -m benchmarks.machines.split``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

NUMBER = os.environ.get("MACHINES_NUMBER", "3")
SPACE = f"partyline-other{NUMBER}"
WITHIN = ("ip", "netns", "exec", SPACE)
HERE, THERE = f"10.77.{NUMBER}.1", f"10.77.{NUMBER}.2"
LINK, FAR_LINK = f"partyline{NUMBER}a", f"partyline{NUMBER}b"
"""Both ends of the cable, ours first."""


@contextlib.contextmanager
def another_machine() -> Iterator[None]:
    for words in (
        ("ip", "netns", "add", SPACE),
        ("ip", "link", "add", LINK, "type", "veth", "peer", "name", FAR_LINK),
        ("ip", "link", "set", FAR_LINK, "netns", SPACE),
        ("ip", "addr", "add", f"{HERE}/24", "dev", LINK),
        ("ip", "link", "set", LINK, "up"),
        (*WITHIN, "ip", "addr", "add", f"{THERE}/24", "dev", FAR_LINK),
        (*WITHIN, "ip", "link", "set", FAR_LINK, "up"),
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
