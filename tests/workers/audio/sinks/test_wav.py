from __future__ import annotations

import wave
from pathlib import Path

import pytest

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.sinks.wav import HEADER_BYTES, WavFile, header, is_ours


def frames(path: Path) -> bytes:
    with wave.open(str(path)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, SAMPLE_RATE)
        return reader.readframes(reader.getnframes())


@pytest.fixture
def file(tmp_path: Path) -> WavFile:
    made = WavFile(tmp_path / "party.wav")
    made.create()
    return made


def test_what_was_written_can_be_read_at_once(file: WavFile) -> None:
    assert frames(file.path) == b""
    file.write(b"\x01\x02" * 10)
    file.write_silence(101)
    assert frames(file.path) == b"\x01\x02" * 10 + bytes(101 * FRAME_SAMPLES * 2)


def test_it_continues_after_its_last_whole_sample(file: WavFile) -> None:
    file.write(b"\x01\x02\x03\x04")
    file.close()
    with file.path.open("ab") as torn:
        torn.write(b"\x07")
    file.resume()
    file.write(b"\x05\x06")
    assert frames(file.path) == b"\x01\x02\x03\x04\x05\x06"


def test_a_new_file_moves_the_old_one_aside(file: WavFile) -> None:
    file.write(b"\x01\x02")
    file.close()
    file.create()
    assert frames(file.path) == b""
    (aside,) = [path for path in file.path.parent.iterdir() if path != file.path]
    assert frames(aside) == b"\x01\x02"


def test_its_removal_is_seen_and_an_exchange_too(file: WavFile) -> None:
    assert not file.was_removed()
    file.path.rename(file.path.with_suffix(".old"))
    assert file.was_removed()
    file.path.write_bytes(header(0))
    assert file.was_removed()


def test_only_this_sinks_format_is_its_own() -> None:
    assert is_ours(header(12_345))
    assert not is_ours(header(12_345)[:-1])
    stereo = bytearray(header(0))
    stereo[22] = 2
    assert not is_ours(bytes(stereo))
    assert len(header(0)) == HEADER_BYTES
