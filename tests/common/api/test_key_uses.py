"""Last uses: kept at once, written seldom, dropped with their key."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.api import key_uses
from common.api.key_uses import SAVE_S, KeyUses
from common.files.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "home")
    made.make()
    return made


def test_a_use_is_known_at_once_and_written_once_a_minute(paths: Paths) -> None:
    uses = KeyUses(paths)
    for second in range(1, 200):
        uses.note("k", second)
        uses.save({"k"}, 1000.0 + second / 10)
    assert uses.of("k") == 199
    assert key_uses.load(paths) == {"k": 1}
    uses.save({"k"}, 1001.0 + SAVE_S)
    assert key_uses.load(paths) == {"k": 199}


def test_without_a_use_nothing_is_written(paths: Paths) -> None:
    KeyUses(paths).save({"k"}, 1000.0, at_once=True)
    assert not key_uses.uses_file(paths).exists()


def test_at_the_end_it_is_written_and_the_next_process_knows(paths: Paths) -> None:
    uses = KeyUses(paths)
    uses.note("k", 5.0)
    uses.note("revoked", 6.0)
    uses.save({"k"}, 1000.0)
    uses.note("k", 7.0)
    uses.save({"k"}, 1001.0, at_once=True)
    assert KeyUses(paths).of("k") == 7.0
    assert key_uses.load(paths) == {"k": 7.0}
    assert uses.of("never") is None
