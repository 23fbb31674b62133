"""``python -m tests.disk.worker MODULE KIND FLAG SITES``: a worker on a disk that fails (`tests.disk.faulty`)."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import cast

from common.files import unsaved
from common.run import lives
from tests.disk.faulty import Kind, install

if __name__ == "__main__":
    module, kind, flag, sites = sys.argv[1:]
    install(Path(os.environ["PARTYLINE_HOME"]), cast("Kind", kind), Path(flag), Path(sites))
    lives.BLIND_S = unsaved.RETRY_S = 1.0  # sooner than a person needs it
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
