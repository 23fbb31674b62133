"""Runs a module with less to import: ``python -m tests.cli.pipeline.lean tests.cli.fakeworker media``.

For stand-ins that a supervisord starts by the hundred. What is judged there is supervisord and the command line.
"""

from __future__ import annotations

import gc
import runpy
import sys


def main() -> None:
    sys.argv = sys.argv[1:]
    sys.modules["rich"] = None  # type: ignore[assignment]  # structlog imports it for colours, where it is installed
    gc.disable()  # hundreds of modules come, and stay
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
