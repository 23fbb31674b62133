"""The bytes are FLAC to a decoder that is not ours, and the end of a torn file is found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.workers.recorder.rig import decoded
from workers.recorder.files import flac
from workers.recorder.files.encoder import Encoder
from workers.recorder.files.track import TrackFile

noise = np.random.default_rng(5)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def block(level: float = 3000) -> NDArray[np.int16]:
    return np.asarray(np.clip(noise.standard_normal(flac.BLOCK) * level, -32768, 32767), np.int16)


def test_numbers_are_coded_like_utf_8_and_beyond():
    for number in (0, 127, 128, 2047, 2048, 0xFFFF, 0x10000, 0x10FFFF):
        assert flac.frame_header(number)[4:-1] == chr(number).encode("utf-8", "surrogatepass")
    for number in (2**21 - 1, 2**21, 2**26 - 1, 2**26, 2**31 - 1):
        assert flac.last_frame(flac.silence(number)) == (len(flac.silence(number)), number + 1)


def test_sound_and_silence_come_back_to_the_bit(tmp_path: Path, encoder: Encoder) -> None:
    blocks = [block(), None, None, block(60_000), block(1), None, np.full(flac.BLOCK, -32768, np.int16), block()]
    track = TrackFile.create(tmp_path / "a.flac", {"TITLE": "Zoë"})
    for number, samples in enumerate(blocks):
        track.write(number + 150, samples, encoder.frame)  # beyond 127 a number takes another byte than the encoder's
    track.finish()
    track.close()
    silent = np.zeros(flac.BLOCK, np.int16)
    expected = np.concatenate([silent] * 150 + [silent if samples is None else samples for samples in blocks])
    assert np.array_equal(decoded(track.path), expected)
    tested = subprocess.run(["flac", "-t", "-w", str(track.path)], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr  # MD5 and length of the head are right, and nothing is warned of
    shown = subprocess.run(
        ["metaflac", "--show-tag=TITLE", "--no-utf8-convert", str(track.path)], capture_output=True, check=True
    )
    assert shown.stdout.decode() == "TITLE=Zoë\n"


def test_a_file_is_readable_before_it_is_finished(tmp_path: Path, encoder: Encoder) -> None:
    track = TrackFile.create(tmp_path / "a.flac", {})
    said = [block(), block()]
    for number, samples in enumerate(said):
        track.write(number, samples, encoder.frame)
    assert np.array_equal(decoded(track.path), np.concatenate(said))
    track.close()


@pytest.mark.parametrize("torn", [0, 1, 2, 7, 900, 7000])
def test_a_torn_file_is_taken_up_behind_its_last_whole_frame(tmp_path: Path, encoder: Encoder, torn: int) -> None:
    path = tmp_path / "a.flac"
    track = TrackFile.create(path, {})
    said = [block() for _ in range(5)]
    for number, samples in enumerate(said):
        track.write(number, samples, encoder.frame)
    track.close()
    path.write_bytes(path.read_bytes()[: track.size - torn])
    again = TrackFile.resume(path)
    assert again.blocks == (5 if not torn else 4)
    again.write(6, said[0], encoder.frame)
    again.finish()
    again.close()
    silent = np.zeros(flac.BLOCK, np.int16)
    kept = said[: 5 if not torn else 4]
    assert np.array_equal(decoded(path), np.concatenate([*kept, *[silent] * (6 - len(kept)), said[0]]))


@pytest.mark.parametrize("number", [3, 126, 127, 128, 2047, 70_000, 2**21, 2**26])
def test_a_tear_in_the_next_frames_header_costs_no_whole_frame(encoder: Encoder, number: int) -> None:
    whole = flac.silence(number - 1) + encoder.frame(block(), number)
    following = flac.frame_header(number + 1) + flac.silence(0)[-5:]
    for torn in range(len(following)):
        assert flac.last_frame(whole + following[:torn]) == (len(whole), number + 1), torn


def test_a_frame_that_lacks_a_byte_is_not_whole_whatever_it_ends_with(encoder: Encoder) -> None:
    frames = [flac.silence(5), encoder.frame(block(), 6)]
    for cut in (*range(1, 40), *range(40, len(frames[1]), 997)):
        torn = frames[0] + frames[1][:-cut]
        assert flac.last_frame(torn) == (len(frames[0]), 6)


def test_zeros_and_junk_behind_a_file_cost_one_frame_at_most(tmp_path: Path, encoder: Encoder) -> None:
    path = tmp_path / "a.flac"
    track = TrackFile.create(path, {})
    said = [block() for _ in range(3)]
    for number, samples in enumerate(said):
        track.write(number, samples, encoder.frame)
    track.close()
    with path.open("ab") as file:  # what a power cut leaves
        file.write(bytes(1_500_000) + flac.frame_header(3) + b"junk")
    again = TrackFile.resume(path)
    again.close()
    assert np.array_equal(decoded(path), np.concatenate(said[:2]))  # where the third one ends only a decoder knows


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"fLaC" + bytes(100))
    with pytest.raises(ValueError, match="of this recorder"):
        TrackFile.resume(path)
    assert path.read_bytes() == b"fLaC" + bytes(100)
