"""Lets a capture's proxy lead to this machine: a test's other hosts are nowhere else. Python loads it by PYTHONPATH."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "captures" / "mitmdump"))
import gate

gate.forbidden = lambda _: ""
