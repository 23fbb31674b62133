from __future__ import annotations

import pytest

from common.system import pasteboard


def test_only_a_mac_counts_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasteboard, "_counter", lambda: lambda: 7)
    assert pasteboard.change_counter("linux") is None
    counter = pasteboard.change_counter("darwin")
    assert counter is not None
    assert counter() == 7


def test_where_the_libraries_are_missing_there_is_no_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasteboard.ctypes.util, "find_library", lambda _: None)
    pasteboard._counter.cache_clear()
    assert pasteboard.change_counter("darwin") is None
    pasteboard._counter.cache_clear()
