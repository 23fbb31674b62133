"""What of the tests a Mac cannot do. It is skipped there, with the reason, and nowhere else.

Elsewhere a missing program fails its test, so that nothing is skipped without anybody noticing.
"""

from __future__ import annotations

import sys

import pytest


def needs_linux(reason: str, platform: str = sys.platform) -> None:
    """Skip the running test on a Mac. `reason`: a sentence."""
    if platform == "darwin":
        pytest.skip(reason)
