from __future__ import annotations

import ctypes
import sys

import pytest

from common.system import memory
from tests.support import mac

MIB = 1 << 20


def test_memory_in_use_grows_and_shrinks() -> None:
    before = memory.resident_bytes()
    block = bytearray(b"x") * (200 * MIB)
    with_block = memory.resident_bytes()
    del block
    assert 5 * MIB < before < with_block - 150 * MIB
    assert memory.resident_bytes() < with_block - 150 * MIB  # no peak


@pytest.mark.skipif(not mac.can_build(), reason="needs Linux and a C compiler")
def test_a_mac_is_asked_for_what_is_resident_now(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ctypes.CDLL(str(mac.library()))
    monkeypatch.setattr(memory, "_library", lambda: library)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.resident_bytes() == 123456789


def test_where_nothing_is_told_the_peak_is() -> None:
    assert memory._of_mach() == 0 or sys.platform == "darwin"
    assert memory._peak() >= 5 * MIB
