"""Whether the system's firewall keeps connections from a program. Not run on a Mac yet.

macOS's application firewall judges programs, not ports. A Python of a framework build is a bundle (Python.app), and its
rule counts, not that of the file that was called.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TOOL = "/usr/libexec/ApplicationFirewall/socketfilterfw"
_ASK_S = 5.0

Ask = Callable[..., str]
"""Runs the tool with those words and returns what it prints."""


def _ask(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # fixed words and a path
            (TOOL, *words), stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def program(executable: str = sys.executable) -> str:
    """Return what the firewall knows this Python by: its bundle, where it is of one."""
    real = Path(executable).resolve()
    framework = next((part for part in real.parents if part.name == "bin"), real.parent).parent
    bundle = framework / "Resources" / "Python.app"
    return str(bundle) if bundle.exists() else str(real)


def blocks(name: str, ask: Ask = _ask, platform: str = sys.platform) -> bool | None:
    """Return whether the firewall has a rule that blocks this program. None: it cannot be told, or there is none."""
    if platform != "darwin":
        return None  # Linux's firewalls judge ports, and need root to be read
    said = ask("--getappblocked", name).lower()
    if "permitted" in said or "not blocked" in said:
        return False
    return True if "blocked" in said else None
