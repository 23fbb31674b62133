"""Tests. What their helpers assert is explained like what they assert themselves."""

from __future__ import annotations

import sys
from pathlib import Path

if "pytest" in sys.modules:  # benchmarks import helpers too
    sys.modules["pytest"].register_assert_rewrite(
        *(f"tests.{folder.name}" for folder in Path(__file__).parent.iterdir() if folder.is_dir())
    )
