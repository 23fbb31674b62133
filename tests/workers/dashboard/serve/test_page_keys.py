from __future__ import annotations

from pathlib import Path

from common.config.pages import draw_keys, keys_file, load_keys
from common.files.paths import Paths
from workers.dashboard.serve.page_keys import PageKeys


def test_keys_are_read_when_their_file_changes(home: Path) -> None:
    paths = Paths(home)
    keys = PageKeys(paths)
    assert keys.poll()
    assert not keys.poll()
    old = load_keys(paths)
    assert (keys.full_key(), keys.read_key()) == (old.full, old.read)
    new = draw_keys(paths)
    assert keys.poll()
    assert [keys.rights(key) for key in (old.full, new.full, new.read)] == ["", "full", "read"]


def test_nobody_has_the_key_while_the_file_cannot_be_used(home: Path) -> None:
    paths = Paths(home)
    keys = PageKeys(paths)
    before = load_keys(paths)
    assert keys.poll()
    keys_file(paths).write_text("{")
    assert keys.poll()
    assert keys.error is not None
    assert keys.error.code == "dashboard.keys"
    assert keys.rights(before.full) == ""
    after = draw_keys(paths)
    assert keys.poll()
    assert keys.error is None
    assert keys.rights(after.full) == "full"
