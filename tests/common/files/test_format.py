"""A file that a newer version wrote is refused with words and left alone, whatever is saved afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from common.config import pages
from common.errors import PartylineError
from common.files import state
from common.files.paths import Paths
from common.files.state import NEWER_REMEDY, SET_ASIDE, Placed, StateFile
from common.obs.memory import ObsMemory, ObsMemoryFile
from common.run import unsaved
from common.run.unsaved import UnsavedFiles
from tests.common.files.test_state import READERS
from workers.audio import memory as audio_memory
from workers.auth.stored.store import Store
from workers.auth.stored.token_set import TokenSet
from workers.recorder.repair import repair

NEWER = b'{"format": 2, "place": "here", "of a newer version": {"deep": [1, 2, 3]}}'
KEPT = sorted(name for name in READERS if name.startswith(("state/", "secrets/", "recording/")))


class Count(Placed, frozen=True, kw_only=True):
    FORMAT: ClassVar[int] = 3
    number: int = 0


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SET_ASIDE, "_newer", set())
    SET_ASIDE.take()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path)
    made.make()
    return made


@pytest.mark.parametrize("name", KEPT)
async def test_whatever_is_read_back_is_left_alone_if_it_is_newer(paths: Paths, name: str) -> None:
    file = paths.home / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(NEWER)
    for _ in range(2):
        found = READERS[name](paths)
        if hasattr(found, "__await__"):
            await found
    assert file.read_bytes() == NEWER
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(f"{file.name}.")] == []
    told = [message for said, message in SET_ASIDE.take() if said == file]
    if name != "secrets/dashboard.json":  # its reader raises
        assert len(told) == 1, told
        assert told[0].startswith(f"A newer version of partyline wrote {file}.")


def test_nothing_is_saved_over_it_nor_is_it_dropped(paths: Paths) -> None:
    file = paths.state / "count.json"
    file.write_bytes(b'{"format": 4, "number": 7}')
    kept = StateFile(file, Count, "here", "counts")
    assert kept.now.number == 0
    assert kept.keep(Count(number=9))
    assert kept.now.number == 9  # for as long as this process lives
    state.drop(file)
    assert file.read_bytes() == b'{"format": 4, "number": 7}'


def test_each_file_carries_its_format_and_one_without_is_the_first(paths: Paths) -> None:
    file = paths.state / "count.json"
    StateFile(file, Count, "here", "counts").keep(Count(number=9))
    assert file.read_bytes() == b'{"format":3,"place":"here","number":9}'
    assert StateFile(file, Count, "here", "counts").now.number == 9
    file.write_bytes(b'{"place": "here", "number": 5}')
    assert StateFile(file, Count, "here", "counts").now.number == 5

    class Empty(msgspec.Struct):
        pass

    assert state.encode(Empty()) == b'{"format":1}'
    assert state.format_of(b"not JSON") == state.format_of(b'{"format": "x"}') == state.format_of(b"[]") == 1
    assert msgspec.json.decode(audio_memory.Choices().dump())["format"] == 1


async def test_a_newer_sign_in_is_kept_whatever_signs_in(paths: Paths) -> None:
    file = paths.secrets / "tokens-playstation.json"
    file.write_bytes(NEWER)
    store = Store(paths, "playstation", "place", "file")
    assert await store.load() is None
    with pytest.raises(OSError, match="newer version"):
        await store.save(
            TokenSet(
                access_token="a" * 20,
                refresh_token="r" * 20,
                issued_at=1.0,
                access_expires_at=1.0,
                refresh_expires_at=2.0,
                signed_in_at=1.0,
                account_id="1",
            )
        )
    assert file.read_bytes() == NEWER


def test_keys_sources_and_recordings_are_refused_in_words(paths: Paths) -> None:
    (paths.secrets / "dashboard.json").write_bytes(NEWER)
    with pytest.raises(PartylineError, match="newer version"):
        pages.load_keys(paths)
    (paths.state / "obs.json").write_bytes(NEWER)
    sources = ObsMemoryFile(paths.state / "obs.json", must=True)
    assert sources.now == ObsMemory()
    with pytest.raises(OSError, match="newer version"):
        sources.change(device_sources=["x"])
    (paths.home / "raid").mkdir()
    (paths.home / "raid/session.json").write_bytes(NEWER)
    with pytest.raises(PartylineError, match="newer version"):
        repair(paths.home / "raid")
    assert (paths.home / "raid/session.json").read_bytes() == NEWER


def test_the_problem_says_what_to_do(paths: Paths) -> None:
    file = paths.state / "count.json"
    file.write_bytes(NEWER)
    state.load(file, Placed, "counts")
    said: list[tuple[str, str, str]] = []

    class Problems:
        def publish(self, code: str, message: str, remedy: str, **_: object) -> None:
            said.append((code, message, remedy))

        def clear(self, *_: object) -> None: ...

    UnsavedFiles(Problems(), lambda *_: None).poll()
    assert [(code, remedy) for code, _, remedy in said] == [(f"{unsaved.STATE}.count.json", NEWER_REMEDY)]
