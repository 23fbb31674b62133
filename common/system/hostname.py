"""This machine's names in the local network. Not run on a Mac yet."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys

_SCUTIL = "/usr/sbin/scutil"
_ASK_S = 2.0


def names(platform: str = sys.platform) -> tuple[str, ...]:
    """Return the names by which other devices may call this machine, the best one first.

    On a Mac `gethostname` is often what the router's DHCP says. Bonjour, which makes the ``.local`` name, has its own.
    """
    found = [_bonjour()] if platform == "darwin" else []
    found.append(socket.gethostname())
    return tuple(dict.fromkeys(name for name in found if name))


def local_name(platform: str = sys.platform) -> str:
    """Return the name for other devices, e.g. ``avas-mac.local``."""
    return f"{names(platform)[0].lower().partition('.')[0]}.local"


def spellings(machine: str) -> tuple[str, ...]:
    """Return the names that other devices may use for a machine of that name, in lower case."""
    machine = machine.lower()
    short = machine.partition(".")[0]
    return (f"{short}.local", machine, short) if short else ()


def _bonjour() -> str:
    """Return the LocalHostName of the Mac's settings, without ``.local``. Empty if it cannot be read."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        asked = (_SCUTIL, "--get", "LocalHostName")
        done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASK_S, check=False)  # noqa: S603
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "replace").strip()
    return ""
