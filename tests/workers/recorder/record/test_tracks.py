from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.workers.recorder.rig import decoded
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.index_format import IndexFile
from workers.recorder.files.timeline import MIX, Block
from workers.recorder.record.tracks import Tracks

SOUND = np.full(BLOCK, 7, np.int16)


def block(number: int, *accounts: str) -> Block:
    return Block(number, dict.fromkeys(accounts, SOUND), accounts)


@pytest.fixture
def index() -> RecordingIndex:
    return RecordingIndex(IndexFile(started_at=1000.0))


def test_each_account_and_the_mix_have_a_file_of_one_length(tmp_path: Path, index: RecordingIndex) -> None:
    tracks = Tracks(tmp_path, index)
    tracks.write(block(0, "1"))
    tracks.write(block(3, "1", MIX))
    assert (tracks.count, tracks.blocks) == (2, 4)
    assert tracks.finish(6) == []
    tracks.close()
    assert tracks.size == sum(path.stat().st_size for path in tmp_path.iterdir())
    told = {path.name: decoded(path) for path in tmp_path.iterdir()}
    assert {name: np.flatnonzero(sound.reshape(-1, BLOCK).any(axis=1)).tolist() for name, sound in told.items()} == {
        "1.flac": [0, 3],
        "mix.flac": [3],
    }
    assert {len(sound) for sound in told.values()} == {6 * BLOCK}


def test_a_restarted_recorder_continues_its_files_and_replaces_one_that_was_never_written(
    tmp_path: Path, index: RecordingIndex
) -> None:
    first = Tracks(tmp_path, index)
    first.write(block(0, "1", "2"))
    first.close()
    (tmp_path / "2.flac").write_bytes(b"")
    again = Tracks(tmp_path, index)
    again.resume()
    assert (again.count, again.blocks) == (1, 1)
    again.write(block(1, "1", "2"))
    assert again.finish(2) == []
    again.close()
    assert np.flatnonzero(decoded(tmp_path / "1.flac").reshape(-1, BLOCK).any(axis=1)).tolist() == [0, 1]
    assert np.flatnonzero(decoded(tmp_path / "2.flac").reshape(-1, BLOCK).any(axis=1)).tolist() == [1]


def test_a_file_with_an_error_does_not_keep_the_others_from_being_finished(
    tmp_path: Path, index: RecordingIndex
) -> None:
    tracks = Tracks(tmp_path, index)
    tracks.write(block(0, "1", "2"))
    tracks._files["1"].close()
    errors = tracks.finish(1)
    assert errors
    assert all(isinstance(error, OSError) for error in errors)
    tracks._files["2"].close()
    assert len(decoded(tmp_path / "2.flac")) == BLOCK
