"""For a process that starts with this folder on PYTHONPATH: its wall clock is off by the seconds in $CLOCK_OFF_FILE."""

import os
import pathlib
import time

_FILE = pathlib.Path(os.environ["CLOCK_OFF_FILE"])
_time = time.time


def _jumped() -> float:
    return _time() + float(_FILE.read_text())


time.time = _jumped

_nice = os.nice  # see tests/support/warm.py
os.nice = lambda increment: _nice(min(increment, 0))
