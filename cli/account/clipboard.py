"""The clipboard watch during a sign-in, which is announced to the person. The only file that knows clipboard tools.

It accepts only an exact NPSSO, its JSON, or our redirect URL with a code, and only if it was copied after the watch
began. Other clipboard content is not kept, shown or sent.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.shared.terminal import over_ssh
from common.config.tables import PsnSettings
from common.errors import SignInError
from common.psn.account.paste import Code, read_paste

READ_S = 1.0
LONGEST = 8 * 1024
BROKEN_LIMIT = 3
"""Failures in a row after which a tool is not run any more."""

_NPSSO = re.compile(r"[A-Za-z0-9]{64}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_LETTERS_AND_DIGITS = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])")


@dataclass(frozen=True)
class Tool:
    """A command that prints the clipboard's text."""

    name: str
    command: tuple[str, ...]


def tool(platform: str, environ: Mapping[str, str], which: Callable[[str], str | None]) -> Tool | None:
    """Return the tool for this desktop, or None without a tool or a screen, or over ssh."""
    if over_ssh(environ):
        return None
    wanted: list[tuple[str, ...]] = []
    if platform == "darwin":
        wanted.append(("pbpaste",))  # not run on a Mac yet
    if environ.get("WAYLAND_DISPLAY"):
        wanted.append(("wl-paste", "--no-newline", "--type", "text"))
    if environ.get("DISPLAY"):
        wanted.append(("xclip", "-selection", "clipboard", "-o"))
    for name, *options in wanted:
        if path := which(name):
            return Tool(name, (path, *options))
    return None


def is_sign_in(text: str, psn: PsnSettings) -> bool:
    """Return whether `text` is exactly an NPSSO, its JSON, or our redirect URL with a code."""
    text = text.strip()
    if text.startswith("{"):
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return False
        npsso = data.get("npsso") if isinstance(data, dict) else None
        return isinstance(npsso, str) and _is_npsso(npsso)
    if text.startswith(psn.redirect_uri):
        return _has_code(text, psn)
    return _is_npsso(text)


def _is_npsso(text: str) -> bool:
    """Return whether `text` is 64 letters and digits of both kinds. A SHA-256 is as long, but has hex digits only."""
    return bool(_NPSSO.fullmatch(text) and _LETTERS_AND_DIGITS.match(text) and not _HEX.fullmatch(text))


def _has_code(text: str, psn: PsnSettings) -> bool:
    try:
        return isinstance(read_paste(text, psn), Code)
    except SignInError:
        return False


class ClipboardWatch:
    """Decides what to accept. `read` returns the clipboard's text, or None when it could not be read.

    With `changes` (the number of the clipboard's changes) it is read after a change only, and not again after a read
    that hung: on a Mac each read may ask the person.
    """

    def __init__(
        self,
        read: Callable[[], str | None],
        psn: PsnSettings,
        changes: Callable[[], int] | None = None,
        *,
        asks: bool = False,
    ) -> None:
        self._read = read
        self._psn = psn
        self._changes = changes
        self._limit = 1 if asks else BROKEN_LIMIT
        self._broken = 0
        self._count = changes() if changes else 0
        self._last = "" if changes else read() or ""

    @property
    def useful(self) -> bool:
        return self._broken < self._limit

    def poll(self) -> str | None:
        """Return what the person copied, once it is a sign-in text."""
        if not self.useful or not self._has_changed():
            return None
        text = self._read()
        self._broken = self._broken + 1 if text is None else 0
        if text is None or text == self._last:
            return None
        self._last = text
        return text.strip() if is_sign_in(text, self._psn) else None

    def _has_changed(self) -> bool:
        if self._changes is None:
            return True
        before, self._count = self._count, self._changes()
        return before != self._count


def read(chosen: Tool) -> str | None:
    """Return the clipboard's text ("" if there is none), or None when the tool cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command, no shell
            chosen.command, stdin=subprocess.DEVNULL, capture_output=True, timeout=READ_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout[:LONGEST].decode("utf-8", "replace") if done.returncode == 0 else ""
