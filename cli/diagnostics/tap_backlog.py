"""What `partyline tap` received and has not written yet. Its writer is a thread, so that a slow output delays nobody.

The socket is read at once, always. If the output (a full pipe, a slow disk) keeps more than `MOST_WAITING` messages
waiting, the newest are dropped here and counted. So a pipeline, on this machine or another, never waits for a reader.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from cli.diagnostics.tap_notes import AnyNote, Dropped
from common.messages.wire import Received

MOST_WAITING = 20_000
"""About two minutes of a party of eight with its levels, and some 20 MB."""
END_S = 5.0
"""How long the end waits for an output that is slow."""


Entry = Received | AnyNote


class Backlog:
    """The entries that wait, at most `most`. No I/O, no threads."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._waiting: deque[Entry] = deque()
        self._dropped = 0
        self._dropped_at = 0.0
        self.messages = 0
        """Messages taken in."""

    def put(self, entry: Entry) -> None:
        """Take a message if there is room. A note always has room, since they are few."""
        if isinstance(entry, Received):
            if len(self._waiting) >= self._most:
                self._dropped += 1
                self._dropped_at = entry.header.at
                return
            self.messages += 1
        self._say_dropped()
        self._waiting.append(entry)

    def take(self) -> list[Entry]:
        """Return all that waits, in order, with a note where something was dropped."""
        self._say_dropped()
        found, self._waiting = list(self._waiting), deque()
        return found

    def _say_dropped(self) -> None:
        if self._dropped:
            self._waiting.append(Dropped(at=self._dropped_at, messages=self._dropped))
            self._dropped = 0


class BackgroundWriter:
    """Writes entries in a thread of its own. An error of `write` ends it, and is raised by the next `put` or `end`."""

    def __init__(self, write: Callable[[Entry], None], most: int = MOST_WAITING) -> None:
        self._write = write
        self._backlog = Backlog(most)
        self._change = threading.Condition()
        self._ending = False
        self._busy = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="tap output", daemon=True)
        self._thread.start()

    @property
    def messages(self) -> int:
        return self._backlog.messages

    def put(self, entry: Entry) -> None:
        """Hand an entry over, without waiting."""
        if self._error is not None:
            raise self._error
        with self._change:
            self._backlog.put(entry)
            self._change.notify()

    def end(self, limit_s: float = END_S) -> bool:
        """Wait until all is written. Return False if the output did not take it within the limit."""
        until = time.monotonic() + limit_s
        with self._change:
            self._ending = True
            self._change.notify()
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._error is not None:
            raise self._error
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while True:
                with self._change:
                    entries = self._backlog.take()
                    if not entries:
                        if self._ending:
                            return
                        self._change.wait()
                        continue
                for entry in entries:
                    self._write(entry)
        except BaseException as error:  # noqa: BLE001  # of the output, for who waits for it
            self._error = error
