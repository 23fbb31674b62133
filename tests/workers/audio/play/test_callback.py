"""What the device's callback takes from the heap, with everything in it that may happen in a party."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT
from common.messages import FRAME_SAMPLES

SMALL_BYTES = 1024
"""Objects of the interpreter and numpy's iterators; the samples of one frame are `FRAME_SAMPLES` times 4."""


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="counts in glibc, by a C library")
def test_the_callback_takes_no_array_from_the_heap_and_keeps_nothing(tmp_path: Path) -> None:
    library = tmp_path / "mallocs.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("mallocs.c")], check=True)
    env = {**os.environ, "LD_PRELOAD": str(library), "PYTHONMALLOC": "malloc"}  # small objects are counted, too
    command = [sys.executable, "-m", "tests.workers.audio.play.called", str(library)]
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0 < found["largest_bytes"] < SMALL_BYTES < FRAME_SAMPLES * 4
    assert abs(found["grown_bytes"]) < SMALL_BYTES
