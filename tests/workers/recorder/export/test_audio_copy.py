"""Copies that other programs play, each read back by libavformat."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import av
import numpy as np
import pytest

from common.errors import PartylineError
from tests.contract.rules import refusal
from tests.workers.recorder.clip.made_clips import made_cut
from workers.recorder.clip.clip_folder import write_clip
from workers.recorder.export import audio_copy
from workers.recorder.export.audio_copy import Chapter, CopyOf, make_copy, mixed

CODECS = {"m4a": ["aac"], "mp3": ["mp3float"], "opus": ["opus"], "mp4": ["h264", "aac"]}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(write_clip(tmp_path_factory.mktemp("clips"), made_cut(1), 1_800_000_000.0, 0).folder)


def sources(clip: Path) -> list[Path]:
    return [clip / "Bo-Streams.flac", clip / "Cleo_99.flac"]


@pytest.mark.parametrize("kind", CODECS)
def test_a_copy_has_the_sound_its_length_and_the_marks_as_chapters(clip: Path, tmp_path: Path, kind: str) -> None:
    of = CopyOf(sources(clip), "Friday raid", [Chapter(0, 0.5, "one"), Chapter(0.5, 1.056, "two")], 1.056)
    size = make_copy(of, tmp_path / f"clip.{kind}", kind)
    assert [path.name for path in tmp_path.iterdir()] == [f"clip.{kind}"]
    with av.open(str(tmp_path / f"clip.{kind}")) as copy:
        assert [stream.codec_context.name for stream in copy.streams if stream.codec_context] == CODECS[kind]
        assert [chapter["metadata"]["title"] for chapter in copy.chapters()] == ["one", "two"]
        tags = copy.metadata or copy.streams.audio[0].metadata
        assert {name.lower(): value for name, value in tags.items()}["title"] == "Friday raid"
        samples = np.concatenate([frame.to_ndarray()[0] for frame in copy.decode(audio=0)])
    assert len(samples) / 48_000 == pytest.approx(1.056, abs=0.07)  # codecs add a part of a frame
    assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 0.01
    assert size > 5000


def test_talkers_are_summed_and_never_wrap(clip: Path) -> None:
    one = np.concatenate(list(mixed(sources(clip)[:1]))).astype(int)
    two = np.concatenate(list(mixed(sources(clip)[1:]))).astype(int)
    assert np.array_equal(np.concatenate(list(mixed(sources(clip)))), one + two)
    many = np.concatenate(list(mixed(sources(clip)[:1] * 20)))
    assert np.array_equal(many, np.clip(one * 20, -32768, 32767))


def test_what_cannot_be_made_is_told_and_leaves_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = tmp_path / "torn.flac"
    torn.write_bytes(b"no sound")
    with pytest.raises(PartylineError) as raised:
        make_copy(CopyOf([torn], "x"), tmp_path / "x.mp3", "mp3")
    refusal(raised.value)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(audio_copy.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            make_copy(CopyOf(sources(clip), "x"), tmp_path / "x.mp3", "mp3")
    monkeypatch.setattr(audio_copy, "_has", lambda codec: codec != "libmp3lame")
    with pytest.raises(PartylineError, match="no encoder for mp3"):
        make_copy(CopyOf(sources(clip), "x"), tmp_path / "x.mp3", "mp3")
    assert [path.name for path in tmp_path.iterdir()] == ["torn.flac"]
