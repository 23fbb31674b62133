"""The separation of the log from what native libraries print on standard error.

ALSA, PortAudio, JACK and CoreAudio print there from their own threads, each time a device is not available.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading

import structlog


def separate() -> None:
    """Give the logs a file descriptor of their own. Of all other output only the first line is logged."""
    ours = os.fdopen(os.dup(2), "w", buffering=1)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(ours)
    sys.stderr = ours
    faulthandler.enable(file=ours)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    threading.Thread(target=_drain, args=(reading,), name="native-noise", daemon=True).start()


def _drain(reading: int) -> None:
    log = structlog.get_logger("audio").bind(worker="audio")
    is_logged = False
    while noise := os.read(reading, 65536):
        if not is_logged:
            first = noise.decode("utf-8", "replace").strip().splitlines()[:1]
            log.info("first output of a native library, the rest is not logged", line="".join(first)[:300])
            is_logged = True
