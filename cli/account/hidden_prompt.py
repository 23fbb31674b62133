"""A prompt for a secret on a terminal, without echo, for long or multi-line pastes.

Another source may be polled meanwhile (`poll`), until the first key.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable

POLL_EVERY_S = 0.7
POLL_FOR_S = 600.0
_BACKSPACE = (0x7F, 0x08)
_CLEAR = 0x15
_END = 0x04
_ENTER = (0x0A, 0x0D)
_BRACKETS = (b"\x1b[200~", b"\x1b[201~")
"""Markers that some terminals put around a paste."""


class Line:
    """The typed line, byte by byte. No I/O."""

    def __init__(self) -> None:
        self._typed = bytearray()

    def feed(self, data: bytes) -> str | None:
        """Add keys. Return the text once it is complete. Raises `EOFError` on Ctrl-D with nothing typed.

        Enter completes it, except within an open JSON object, which a page may show on several lines. An empty line
        completes that too.
        """
        for key in data:
            if key in _ENTER:
                if not self._open() or self._typed.endswith(b"\n"):
                    return self.text
                self._typed += b"\n"
            elif key in _BACKSPACE:
                del self._typed[-1:]
            elif key == _CLEAR:
                self._typed.clear()
            elif key == _END:
                if not self._typed:
                    raise EOFError
                return self.text
            else:
                self._typed.append(key)
        return None

    @property
    def text(self) -> str:
        raw = bytes(self._typed)
        for bracket in _BRACKETS:
            raw = raw.replace(bracket, b"")
        return raw.decode("utf-8", "replace").strip()

    def _open(self) -> bool:
        text = self.text
        return text.startswith("{") and not text.endswith("}")


def ask(
    prompt: str,
    poll: Callable[[], str | None] | None = None,
    *,
    fd: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Return the typed or pasted text, or what `poll` finds before the first key and within `POLL_FOR_S` seconds.

    Raises `EOFError` at the end of the input, `KeyboardInterrupt` on Ctrl-C. The terminal's mode is restored.
    """
    fd = sys.stdin.fileno() if fd is None else fd
    before = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd, termios.TCSADRAIN)
        sys.stdout.write(prompt)  # only now, so that a fast answer is not echoed
        sys.stdout.flush()
        return _asked(fd, poll, clock)
    finally:
        # The rest of a paste must not reach the shell, which would show it and keep it in its history.
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)
        sys.stdout.write("\n")
        sys.stdout.flush()


def _asked(fd: int, poll: Callable[[], str | None] | None, clock: Callable[[], float]) -> str:
    line = Line()
    ends = clock() + POLL_FOR_S
    while True:
        ready, _, _ = select.select([fd], [], [], POLL_EVERY_S if poll else None)
        if ready:
            poll = None
            data = os.read(fd, 4096)
            if not data:
                raise EOFError
            if (typed := line.feed(data)) is not None:
                return typed
        elif poll is not None:
            if (found := poll()) is not None:
                return found
            if clock() >= ends:
                poll = None
