from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.workers.recorder.rig import decoded
from workers.recorder.files import flac
from workers.recorder.files.encoder import Encoder
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.track import TrackFile

ENCODE = Encoder().frame


def block(value: int) -> np.ndarray:
    return np.full(BLOCK, value, np.int16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Bo.flac"


def values(path: Path) -> list[int]:
    """Return the first sample of each block."""
    return decoded(path)[::BLOCK].tolist()


def test_a_block_that_was_left_out_is_silence_and_one_that_is_there_stays(path: Path) -> None:
    track = TrackFile.create(path, {"TITLE": "Bo"})
    for number, value in ((0, 1), (3, 4), (1, 9)):
        track.write(number, block(value), ENCODE)
    track.write(4, None, ENCODE)
    track.finish()
    track.close()
    assert values(path) == [1, 0, 0, 4, 0]
    assert TrackFile.promised(path) is not None


def test_a_file_is_never_created_over_another_one(path: Path) -> None:
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        TrackFile.create(path, {})
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("torn", [b"", flac.silence(1)[:7], flac.silence(1)[:-1]])
def test_a_torn_end_is_cut_off_and_the_file_continues_after_its_last_whole_frame(path: Path, torn: bytes) -> None:
    first = TrackFile.create(path, {"TITLE": "Bo"})
    first.write(0, block(1), ENCODE)
    first.close()
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(torn)
    again = TrackFile.resume(path)
    assert (again.blocks, again.size, path.stat().st_size) == (1, whole, whole)
    again.write(1, block(2), ENCODE)
    again.close()
    assert TrackFile.count(path) == 2
    assert TrackFile.promised(path) is None
    assert values(path) == [1, 2]
