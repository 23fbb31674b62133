from __future__ import annotations

import os
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from tests.support.waiting import eventually
from workers.audio.sinks import SinkError, file, wav
from workers.audio.sinks.file import CONTINUE_S, FileOwner, FileSink
from workers.audio.sinks.wav import HEADER_BYTES, header


def counting() -> Callable[[NDArray[np.float32], int], None]:
    """Return a render whose n-th frame is full of n."""
    number = 0

    def render(out: NDArray[np.float32], _now_ns: int) -> None:
        nonlocal number
        number += 1
        out[:] = number / 32768

    return render


def samples(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, SAMPLE_RATE)
        data = reader.readframes(reader.getnframes())
        assert len(data) == reader.getnframes() * 2  # the header promises nothing that is not there
    return np.frombuffer(data, "<i2")


def grown(path: Path, seconds: float) -> None:
    least = HEADER_BYTES + seconds * SAMPLE_RATE * 2
    eventually(lambda: path.exists() and path.stat().st_size >= least, f"it has {seconds:g} s", every_s=0.005)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "party.wav"


@pytest.fixture
def owner(tmp_path: Path) -> Path:
    return tmp_path / "owner.json"


def recorded(path: Path, owner: Path, seconds: float = 0.1) -> FileSink:
    """Let a sink write for so long, and leave it as a crash would: not closed in order."""
    sink = FileSink(path, owner)
    sink.open()
    before = path.stat().st_size / SAMPLE_RATE / 2
    sink.play(counting())
    grown(path, before + seconds)
    sink.close()
    return sink


def test_the_file_grows_in_real_time_from_the_given_moment(path: Path, owner: Path) -> None:
    started_ns = time.monotonic_ns() - 300_000_000
    sink = FileSink(path, owner, started_ns)
    sink.open()
    render, first_ns = counting(), []

    def first_noted(out: NDArray[np.float32], now_ns: int) -> None:
        first_ns.append(time.monotonic_ns())
        render(out, now_ns)

    sink.play(first_noted)
    grown(path, 1.0)
    sink.close()
    took_s = (time.monotonic_ns() - started_ns) / 1e9
    sound = samples(path)
    assert len(sound) / SAMPLE_RATE == pytest.approx(took_s, abs=0.1)
    spoken = sound[np.flatnonzero(sound)[0] :]
    began_s = (first_ns[0] - started_ns) / 1e9  # later on a machine that stands still
    assert 0.29 <= (len(sound) - len(spoken)) / SAMPLE_RATE <= began_s + 0.1
    assert np.array_equal(spoken[::FRAME_SAMPLES], np.arange(1, len(spoken) // FRAME_SAMPLES + 1))


def test_the_file_can_be_read_at_any_moment(path: Path, owner: Path) -> None:
    sink = FileSink(path, owner)
    sink.open()
    sink.play(counting())
    lengths = []
    while len(lengths) < 50 or lengths[-1] < SAMPLE_RATE // 2:
        lengths.append(len(samples(path)))
    sink.close()
    assert lengths == sorted(lengths)


def aged(owner: Path, seconds: float) -> None:
    """Let the file look as if its last sample were so much older."""
    known = msgspec.json.decode(owner.read_bytes(), type=FileOwner)
    owner.write_bytes(msgspec.json.encode(msgspec.structs.replace(known, begin_ns=known.begin_ns - int(seconds * 1e9))))


@pytest.mark.parametrize("clock_set_s", [0.0, 7200.0, -7200.0])
def test_a_restart_goes_on_with_the_file_and_fills_the_time_between(
    path: Path, owner: Path, clock_set_s: float
) -> None:
    recorded(path, owner)
    before = samples(path)
    aged(owner, 2.0)
    last = path.stat()
    os.utime(path, (last.st_atime, last.st_mtime - clock_set_s))  # the wall clock was set meanwhile
    recorded(path, owner)
    after = samples(path)
    assert np.array_equal(after[: len(before)], before)
    rest = after[len(before) :]
    silent = int(np.flatnonzero(rest)[0])
    assert 1.9 <= silent / SAMPLE_RATE <= 3.5
    assert list(path.parent.iterdir()) == [path]


def test_bytes_of_a_write_that_was_killed_half_way_do_no_harm(path: Path, owner: Path) -> None:
    recorded(path, owner)
    before = samples(path)
    with path.open("ab") as half:
        half.write(b"\x07" * 3)
    assert np.array_equal(samples(path), before)
    recorded(path, owner)
    after = samples(path)
    assert np.array_equal(after[: len(before)], before)
    assert after[len(before)] == 0x0707


def test_an_old_recording_is_kept_beside_the_new_one(path: Path, owner: Path) -> None:
    recorded(path, owner)
    old = path.read_bytes()
    aged(owner, CONTINUE_S + 5)
    recorded(path, owner)
    kept = [other for other in path.parent.iterdir() if other != path]
    assert [other.read_bytes() for other in kept] == [old]
    assert kept[0].suffix == ".wav"


def test_after_a_reboot_a_new_file_begins(path: Path, owner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(path, owner)
    old = path.read_bytes()
    monkeypatch.setattr(file, "boot_id", lambda: "another")
    recorded(path, owner)
    assert [other.read_bytes() for other in path.parent.iterdir() if other != path] == [old]


def test_another_pipelines_recording_is_kept_even_if_it_is_fresh(path: Path, owner: Path) -> None:
    recorded(path, owner)
    old = path.read_bytes()
    script = (
        "import sys; from pathlib import Path; from workers.audio.sinks.file import FileSink;"
        "s = FileSink(Path(sys.argv[1]), Path(sys.argv[2])); s.open(); s.close()"
    )
    subprocess.run([sys.executable, "-c", script, str(path), str(owner)], check=True, timeout=60)
    assert old in [other.read_bytes() for other in path.parent.iterdir() if other != path]


@pytest.mark.parametrize("content", [b"", b"dear diary", header(100) + b"x", b"RIFF" * 100])
def test_somebody_elses_file_is_never_overwritten(path: Path, owner: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    recorded(path, owner, 0.02)
    assert [other.read_bytes() for other in path.parent.iterdir() if other != path] == [content]


def test_two_files_of_the_same_second_are_both_kept(path: Path, owner: Path) -> None:
    path.parent.mkdir()
    for _ in range(2):
        path.write_bytes(b"dear diary")
        os.utime(path, (1_700_000_000, 1_700_000_000))
        recorded(path, owner, 0.02)
        path.unlink()
    assert [other.read_bytes() for other in path.parent.iterdir()] == [b"dear diary"] * 2


def test_a_file_that_was_removed_is_noticed(path: Path, owner: Path) -> None:
    sink = FileSink(path, owner)
    sink.open()
    sink.play(counting())
    assert sink.poll() is None
    path.unlink()
    complaint = sink.poll()
    sink.close()
    assert complaint is not None
    assert "removed" in complaint.message


def test_a_folder_in_the_way_is_a_problem_with_a_remedy(path: Path, owner: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(SinkError) as caught:
        FileSink(path, owner).open()
    assert str(path) in caught.value.message
    assert caught.value.remedy


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is played by Linux' /dev/full")
def test_a_full_disk_is_a_complaint_and_the_file_stays_whole(
    path: Path, owner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = FileSink(path, owner)
    sink.open()
    sink.play(counting())
    grown(path, 0.05)
    full = os.open("/dev/full", os.O_RDWR)
    good, sink._file._fd = sink._file._fd, full
    found: list[SinkError] = []

    def complained() -> bool:
        complaint = sink.poll()
        found.extend([complaint] if complaint else [])
        return bool(found) and "space" in found[-1].message

    eventually(complained, "it complains of the disk", every_s=0.005)
    sink.close()
    os.close(good)
    assert "disk" in found[-1].remedy
    assert len(samples(path)) >= 0.05 * SAMPLE_RATE


def test_where_wav_ends_a_new_file_begins(path: Path, owner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "MAX_DATA_BYTES", FRAME_SAMPLES * 2 * 5)
    sink = FileSink(path, owner)
    sink.open()
    sink.play(counting())
    eventually(lambda: path.exists() and len(list(path.parent.iterdir())) >= 3, "there are three", every_s=0.005)
    assert sink.poll() is None
    sink.close()
    parts = sorted(path.parent.iterdir(), key=lambda part: part.stat().st_mtime_ns)
    sound = np.concatenate([samples(part) for part in parts])[::FRAME_SAMPLES]
    assert np.array_equal(sound[np.flatnonzero(sound)[0] :], np.arange(1, len(sound) + 1 - np.flatnonzero(sound)[0]))
    monkeypatch.undo()
    newest, count = path.read_bytes(), len(parts)
    recorded(path, owner)
    assert len(list(path.parent.iterdir())) == count  # the newest one is known as ours too
    assert path.read_bytes()[HEADER_BYTES : len(newest)] == newest[HEADER_BYTES:]
