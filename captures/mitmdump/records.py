"""The pipe through which the addon sends records to partyline. It imports only Python's own modules and mitmproxy.

Records are full of secrets, so they are never written to a file.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

from mitmproxy.io import tnetstring

WRITE_S = 10
"""Time limit for the last records at the end."""


class Records:
    """Sends records in a thread of its own. `on_broken` is called there when partyline is gone."""

    def __init__(self, pipe: int, on_broken: Callable[[], None]) -> None:
        self._pipe = pipe
        self._on_broken = on_broken
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, daemon=True)

    def start(self) -> None:
        self._writer.start()

    def send(self, what: str, **fields: Any) -> None:
        """Send a record without waiting."""
        self._waiting.put({"what": what, **fields})

    def close(self) -> None:
        """Send what waits, within `WRITE_S`."""
        self._waiting.put(None)
        if self._writer.is_alive():
            self._writer.join(WRITE_S)

    def _write(self) -> None:
        with os.fdopen(self._pipe, "wb") as pipe:
            try:
                while (record := self._waiting.get()) is not None:
                    pipe.write(tnetstring.dumps(record))
                    pipe.flush()
            except OSError:  # partyline is gone, so nothing would scrub the records
                self._on_broken()
