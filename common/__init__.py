"""What the workers and the command line share."""

from __future__ import annotations

import sys

if "structlog" not in sys.modules and "rich" not in sys.modules:
    # structlog loads rich where it is installed: 6 MB and 0.1 s in each process, for colours that a log of JSON has not
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
