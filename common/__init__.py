"""What the workers and the command line share."""

from __future__ import annotations

import sys

from common.basic.hidden_packages import hidden

with hidden("rich"):  # 6 MB and 0.1 s in each process, for colours that a log of JSON has not
    import structlog  # noqa: F401

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # its command line, with rich, pygments and click
