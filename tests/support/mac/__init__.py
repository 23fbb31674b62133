"""A Mac's sound, made up on Linux: PortAudio's choice of buffers, CoreAudio's answers, a thread that calls back."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIXED_FRAMES = {"BlackHole": 0, "a monitor": 408, "a MacBook Air's speakers": 1108, "AirPods": 7680}
"""Fixed latencies that users of other programs reported, in frames of 48 kHz."""


def can_build() -> bool:
    return sys.platform == "linux" and shutil.which("cc") is not None


@functools.cache
def library() -> Path:
    """Build `mac.c`, once for this process, and return the library."""
    built = Path(tempfile.mkdtemp(prefix="plmac-")) / "mac.so"
    source = Path(__file__).with_name("mac.c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", built, source, "-lpthread"], check=True)
    return built
