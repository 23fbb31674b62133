"""Names, the disk's budget and the journal: nothing of it touches a disk."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from common.messages import Member
from workers.recorder.files.index import IndexFile, RecordingIndex, load
from workers.recorder.files.naming import file_name, folder_name
from workers.recorder.files.timeline import MIX
from workers.recorder.record.disk_budget import LEAST_BYTES_PER_MIN, TALKER_BYTES_PER_MIN, DiskBudget

BO = Member(account_id="2", platform="PS5", online_id="Bo-Streams")
BO_PHONE = Member(account_id="2", platform="MOBILE_APP", online_id="Bo-Streams")
CLEO = Member(account_id="3", platform="MOBILE_APP", online_id="Cleo_99")


@pytest.mark.parametrize(
    ("online_id", "file"),
    [
        ("Bo-Streams", "Bo-Streams.flac"),
        ("../../etc/passwd", "etc-passwd.flac"),
        ("Zoë / ß\x00\n", "Zoe.flac"),
        ("日本", "42.flac"),
        ("", "42.flac"),
        ("Mix", "Mix-2.flac"),
        ("x" * 300, "x" * 40 + ".flac"),
        (".hidden", "hidden.flac"),
    ],
)
def test_a_talkers_file_is_named_so_that_every_disk_takes_it(online_id: str, file: str) -> None:
    assert file_name("42", online_id, ()) == file


def test_names_that_differ_only_in_case_get_different_files():
    assert file_name("1", "BO", {"bo", "bo-2"}) == "BO-3.flac"


def test_two_recordings_of_one_second_get_different_folders():
    at = datetime(2026, 11, 26, 20, 15, tzinfo=UTC)
    assert folder_name(at, "", ()) == "2026-11-26_20-15-00"
    assert folder_name(at, "Friday raid!", {"2026-11-26_20-15-00-friday-raid"}) == "2026-11-26_20-15-00-Friday-raid-2"


def test_the_disk_is_budgeted_by_what_was_measured():
    budget = DiskBudget(keep_free=500_000_000, warn_minutes=30)
    assert budget.bytes_per_min(4) == 4 * TALKER_BYTES_PER_MIN
    for second in range(61):
        budget.note(1000.0 + second, second * 500_000)
    assert budget.bytes_per_min(4) == 30_000_000
    assert budget.room(500_000_000 + 30_000_000 * 31, 4) == "enough"
    assert budget.room(500_000_000 + 30_000_000 * 29, 4) == "low"
    assert budget.room(500_000_000, 4) == "full"
    for second in range(61, 200):
        budget.note(1000.0 + second, 61 * 500_000)
    assert budget.bytes_per_min(4) == 4 * LEAST_BYTES_PER_MIN  # they are silent, and may speak again


def new_index() -> RecordingIndex:
    return RecordingIndex(IndexFile(started_at=100.0))


def index(kept: RecordingIndex) -> IndexFile:
    return load(kept.dump(0.0)[0])


def test_who_was_there_when_is_told_by_account():
    kept = new_index()
    kept.party("Friday raid", [BO], 0.0)
    kept.party("Friday raid", [BO, CLEO], 10.0)
    kept.party("Friday raid", [CLEO], 20.0)
    kept.party("Friday raid", [CLEO, BO_PHONE], 30.0)
    kept.end(40.0, "")
    bo, cleo = index(kept).talkers
    assert (bo.platforms, [(span.start, span.end) for span in bo.present]) == (
        ["PS5", "MOBILE_APP"],
        [(0.0, 20.0), (30.0, 40.0)],
    )
    assert [(span.start, span.end) for span in cleo.present] == [(10.0, 40.0)]
    assert index(kept).party == "Friday raid"


def test_a_restart_of_the_recorder_is_no_leaving():
    kept = new_index()
    kept.party("", [BO, CLEO], 0.0)
    kept.party("", [CLEO], 10.0)
    kept.end(20.0004, "the recorder was stopped")
    kept.go_on()
    kept.party("", [BO, CLEO], 25.0)
    bo, cleo = index(kept).talkers
    assert [(span.start, span.end) for span in bo.present] == [(0.0, 10.0), (25.0, None)]
    assert [(span.start, span.end) for span in cleo.present] == [(0.0, None)]
    assert (index(kept).state, index(kept).ended) == ("recording", "")


def test_a_file_keeps_its_name_for_the_rejoiner():
    kept = new_index()
    assert kept.file_of("2") == ("2.flac", "2")  # heard before session told who it is
    kept.party("", [BO, CLEO], 1.0)
    assert kept.file_of("2") == ("2.flac", "Bo-Streams")
    assert kept.file_of("3")[0] == "Cleo_99.flac"
    assert kept.file_of(MIX)[0] == "mix.flac"
    assert [talker.file for talker in kept.recorded()] == ["2.flac", "Cleo_99.flac"]


def test_the_silence_of_who_is_away_is_no_gap():
    kept = new_index()
    kept.party("", [BO], 0.0)
    kept.party("", [], 10.0)
    kept.party("", [BO], 20.0)
    kept.gap("2", 9.8, 20.3, "nothing came")
    assert index(kept).gaps == []
    kept.gap("2", 30.0, 30.5, "nothing came")
    kept.gap("2", 30.6, 31.0, "nothing came")
    assert [(gap.start, gap.end) for gap in index(kept).gaps] == [(30.0, 31.0)]


def test_labels_are_what_audacity_imports():
    kept = new_index()
    kept.mark(1.5, 101.5, "the\tboss\nfight")
    kept.mark(2.0, 102.0, "")
    assert kept.dump(3.0)[1] == b"1.500000\t1.500000\tthe boss fight\n2.000000\t2.000000\tmark 2\n"
    kept.party("", [BO], 0.0)
    kept.speech("2", 0.25, 1.0)
    assert kept.take_speech() == "0.250000\t1.000000\tBo-Streams\n"
    assert kept.take_speech() == ""


def test_the_index_is_read_back_as_it_was_written():
    kept = new_index()
    kept.party("x", [BO], 0.0)
    kept.mark(1.0, 101.0, "a")
    kept.gap(MIX, 1.0, 2.0, "audio gave no mix")
    data = kept.dump(5.0)[0]
    assert msgspec.json.decode(data)["seconds"] == 5.0
    assert RecordingIndex(load(data)).dump(0.0)[0] == data
