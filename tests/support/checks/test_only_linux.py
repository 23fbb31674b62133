from __future__ import annotations

import pytest

from tests.support.mac.only_linux import needs_linux


def test_only_a_mac_skips_and_says_why() -> None:
    needs_linux("A sentence.", "linux")
    with pytest.raises(pytest.skip.Exception, match="A sentence"):
        needs_linux("A sentence.", "darwin")
