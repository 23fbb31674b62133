"""A clip is a folder like a recording's, whole or not there at all."""

from __future__ import annotations

import dataclasses
import errno
import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.made import BO
from tests.workers.recorder.clip.made_clips import BLOCKS, made_cut, spoken
from tests.workers.recorder.rig import decoded
from workers.recorder.clip import clip_folder
from workers.recorder.clip.clip_folder import remove_parts, write_clip
from workers.recorder.clip.clip_memory import ClipMark, blocks_of
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.index_format import IndexFile, load
from workers.recorder.files.timeline import MIX, MissingSamples, SpokenSamples

ENDED = 1_800_000_000.0


def index_of(folder: Path) -> IndexFile:
    return load((folder / "session.json").read_bytes())


def test_what_was_kept_is_written_sample_by_sample(tmp_path: Path) -> None:
    saved = write_clip(tmp_path, made_cut(), ENDED, 0)
    folder = Path(saved.folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "Bo-Streams.flac", "Cleo_99.flac", "labels.txt", "mix.flac", "session.json"
    ]  # fmt: skip
    for file, seed in (("Bo-Streams", 2), ("Cleo_99", 3), ("mix", 2)):
        assert np.array_equal(decoded(folder / f"{file}.flac"), spoken(seed, range(BLOCKS)))
    session = index_of(folder)
    assert (session.kind, session.state, session.party, session.mix) == ("clip", "finished", "Friday raid", "mix.flac")
    assert [(talker.online_id, talker.platforms) for talker in session.talkers] == [
        ("Bo-Streams", ["PS5"]), ("Cleo_99", ["MOBILE_APP"])
    ]  # fmt: skip
    assert session.seconds == saved.seconds == BLOCKS * BLOCK / 48_000
    assert session.started_at == ENDED - saved.seconds
    assert (saved.talkers, saved.size_bytes) == (2, sum(path.stat().st_size for path in folder.glob("*.flac")))
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))


def test_two_clips_in_a_row_overlap_sample_by_sample(tmp_path: Path) -> None:
    long, short = (Path(write_clip(tmp_path, made_cut(seconds), ENDED, 0).folder) for seconds in (0, 2))
    assert long != short
    part = decoded(short / "Bo-Streams.flac")
    assert len(part) == blocks_of(2) * BLOCK
    assert np.array_equal(part, decoded(long / "Bo-Streams.flac")[-len(part) :])


def test_gaps_speech_and_a_sleep_are_told_as_in_a_recording(tmp_path: Path) -> None:
    cut = made_cut(2)
    begin = cut.first * BLOCK
    notes = (
        MissingSamples(BO.account_id, begin + 48_000, begin + 72_000),
        MissingSamples(MIX, 0, begin + 24_000),
        SpokenSamples(BO.account_id, begin - 5, begin + 48_000),
        ClipMark(begin + 24_000, "the computer slept here for 60 s", 60.0),
    )
    saved = write_clip(tmp_path, dataclasses.replace(cut, notes=notes), ENDED, 0)
    folder = Path(saved.folder)
    session = index_of(folder)
    assert [(gap.who, gap.start, gap.end, gap.why) for gap in session.gaps] == [
        ("2", 1.0, 1.5, "nothing came from media"), ("mix", 0.0, 0.5, "audio gave no mix")
    ]  # fmt: skip
    assert session.started_at == ENDED - saved.seconds - 60
    assert (folder / "labels.txt").read_text() == "0.500000\t0.500000\tthe computer slept here for 60 s\n"
    assert (folder / "speech.txt").read_text() == "0.000000\t1.000000\tBo-Streams\n"


def test_a_full_disk_takes_nothing_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space"):
        write_clip(tmp_path, made_cut(), ENDED, 1 << 60)
    with monkeypatch.context() as patched:
        patched.setattr(clip_folder.disk, "sync", full)
        with pytest.raises(OSError, match="No space"):
            write_clip(tmp_path, made_cut(), ENDED, 0)
    assert list(tmp_path.iterdir()) == []
    write_clip(tmp_path, made_cut(), ENDED, 0)


def test_what_a_kill_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    part = tmp_path / ".2026-11-26_20-15-00-clip.part"
    part.mkdir()
    (part / "Bo-Streams.flac").write_bytes(b"fLaC")
    own = tmp_path / ".mine.part"
    own.mkdir()
    whole = Path(write_clip(tmp_path, made_cut(), ENDED, 0).folder)
    assert remove_parts(tmp_path) == [part.name]
    assert sorted(tmp_path.iterdir()) == sorted([own, whole])
    assert remove_parts(tmp_path / "none") == []
