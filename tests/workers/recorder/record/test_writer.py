"""Disks that stall or fill up: the recording stays in step, says what is lost, and ends in good order."""

from __future__ import annotations

import errno
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from common.errors import PartylineError
from tests.support.waiting import eventually
from tests.workers.recorder.rig import decoded, mounted
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import Block
from workers.recorder.record.recording_folder import INDEX, RESERVE, RecordingFolder
from workers.recorder.record.writer import Writer, is_full
from workers.recorder.repair import repair

noise = np.random.default_rng(8).integers(-32768, 32767, BLOCK, np.int16)


def block(number: int, *accounts: str) -> Block:
    return Block(number, dict.fromkeys(accounts, noise), accounts)


class Stalling(RecordingFolder):
    """A folder whose disk takes nothing until `free_again` is set."""

    free_again = threading.Event()

    def sync(self) -> None:
        self.free_again.wait(60)
        super().sync()


def test_a_disk_that_stalls_costs_memory_up_to_a_limit_then_sound_and_never_the_alignment(tmp_path: Path) -> None:
    recording = Stalling.create(tmp_path, "", 1000.0)
    writer = Writer(recording, queue_bytes=20 * (BLOCK * 2 + 256))
    writer.start()
    assert writer.offer(block(0, "1"))
    eventually(lambda: writer.stuck_s > 0.05, "the writer waits for the disk")
    taken = [number for number in range(1, 40) if writer.offer(block(number, "1"))]
    assert 18 <= len(taken) < 39  # it never waited, and some found no room
    recording.free_again.set()
    eventually(lambda: writer.stuck_s == 0 and writer.figures.size > 0, "the disk is back")
    eventually(lambda: writer.offer(block(60, "1", "2")), "there is room again")
    writer.finish("", 61)
    assert writer.done.wait(60)
    assert writer.fault is None
    first, second = decoded(recording.path / "1.flac"), decoded(recording.path / "2.flac")
    assert len(first) == len(second) == 61 * BLOCK
    for number in range(61):
        said = first[number * BLOCK : (number + 1) * BLOCK]
        assert np.array_equal(said, noise) if number in {0, *taken, 60} else not said.any()
    assert not second[: 60 * BLOCK].any()
    assert np.array_equal(second[60 * BLOCK :], noise)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path, "2m"):
        yield tmp_path


def test_a_disk_that_is_full_to_the_last_byte_holds_a_finished_recording(small_disk: Path) -> None:
    recording = RecordingFolder.create(small_disk, "", 1000.0)
    writer = Writer(recording)
    writer.start()
    for number in range(200):
        assert writer.offer(block(number, "1", "2", "3")) or writer.fault
    assert writer.done.wait(60)
    assert is_full(writer.fault)
    assert isinstance(writer.fault, OSError) and writer.fault.errno == errno.ENOSPC
    folder = recording.path
    told = json.loads((folder / INDEX).read_text())
    assert (told["state"], told["ended"]) == ("finished", "the disk is full")
    assert not (folder / RESERVE).exists()
    lengths = []
    for file in ("1.flac", "2.flac", "3.flac"):
        subprocess.run(["flac", "-t", "-w", "-s", str(folder / file)], check=True)
        samples = decoded(folder / file)
        lengths.append(len(samples))
        assert np.array_equal(samples[:BLOCK], noise)
    assert len(set(lengths)) == 1
    assert lengths[0] > 20 * BLOCK


def test_repair_says_what_is_damaged_and_keeps_the_rest(tmp_path: Path) -> None:
    recording = RecordingFolder.create(tmp_path, "", 1000.0)
    for number in range(20):
        recording.write(block(number, "1", "2"))
    recording.close()
    path = recording.path / "1.flac"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(data)
    (recording.path / INDEX).unlink()
    report = repair(recording.path)
    assert {mended.file: bool(mended.fault) for mended in report.files} == {"1.flac": True, "2.flac": False}
    assert np.array_equal(decoded(recording.path / "2.flac"), np.tile(noise, 20))
    assert json.loads((recording.path / INDEX).read_text())["state"] == "finished"


def test_a_disk_without_room_for_a_beginning_is_left_as_it_was(tmp_path: Path) -> None:
    with mounted(tmp_path, "64k"):
        with pytest.raises(OSError, match="No space left"):
            RecordingFolder.create(tmp_path, "", 1000.0)
        assert not list(tmp_path.iterdir())


def test_what_is_no_folder_is_not_repaired(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"")
    for wrong in ("a.flac", "nowhere"):
        with pytest.raises(PartylineError, match="is no folder"):
            repair(tmp_path / wrong)
