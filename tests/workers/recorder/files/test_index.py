from __future__ import annotations

import msgspec

from common.messages import Member
from tests.support.made import BO, CLEO
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.index_format import IndexFile, load
from workers.recorder.files.timeline import MIX

BO_PHONE = Member(account_id="2", platform="MOBILE_APP", online_id="Bo-Streams")


def new_index() -> RecordingIndex:
    return RecordingIndex(IndexFile(started_at=100.0))


def index(kept: RecordingIndex) -> IndexFile:
    return load(kept.dump(0.0)[0])


def test_who_was_there_when_is_told_by_account():
    kept = new_index()
    kept.record_party("Friday raid", [BO], 0.0)
    kept.record_party("Friday raid", [BO, CLEO], 10.0)
    kept.record_party("Friday raid", [CLEO], 20.0)
    kept.record_party("Friday raid", [CLEO, BO_PHONE], 30.0)
    kept.record_end(40.0, "")
    bo, cleo = index(kept).talkers
    assert (bo.platforms, [(span.start, span.end) for span in bo.present]) == (
        ["PS5", "MOBILE_APP"],
        [(0.0, 20.0), (30.0, 40.0)],
    )
    assert [(span.start, span.end) for span in cleo.present] == [(10.0, 40.0)]
    assert index(kept).party == "Friday raid"


def test_a_restart_of_the_recorder_is_no_leaving():
    kept = new_index()
    kept.record_party("", [BO, CLEO], 0.0)
    kept.record_party("", [CLEO], 10.0)
    kept.record_end(20.0004, "the recorder was stopped")
    kept.reopen()
    kept.record_party("", [BO, CLEO], 25.0)
    bo, cleo = index(kept).talkers
    assert [(span.start, span.end) for span in bo.present] == [(0.0, 10.0), (25.0, None)]
    assert [(span.start, span.end) for span in cleo.present] == [(0.0, None)]
    assert (index(kept).state, index(kept).ended) == ("recording", "")


def test_a_file_keeps_its_name_for_the_rejoiner():
    kept = new_index()
    assert kept.file_of("2") == ("2.flac", "2")  # heard before session told who it is
    kept.record_party("", [BO, CLEO], 1.0)
    assert kept.file_of("2") == ("2.flac", "Bo-Streams")
    assert kept.file_of("3")[0] == "Cleo_99.flac"
    assert kept.file_of(MIX)[0] == "mix.flac"
    assert [talker.file for talker in kept.recorded()] == ["2.flac", "Cleo_99.flac"]


def test_the_silence_of_who_is_away_is_no_gap():
    kept = new_index()
    kept.record_party("", [BO], 0.0)
    kept.record_party("", [], 10.0)
    kept.record_party("", [BO], 20.0)
    kept.record_gap("2", 9.8, 20.3, "nothing came")
    assert index(kept).gaps == []
    kept.record_gap("2", 30.0, 30.5, "nothing came")
    kept.record_gap("2", 30.6, 31.0, "nothing came")
    assert [(gap.start, gap.end) for gap in index(kept).gaps] == [(30.0, 31.0)]


def test_labels_are_what_audacity_imports():
    kept = new_index()
    kept.record_mark(1.5, 101.5, "the\tboss\nfight")
    kept.record_mark(2.0, 102.0, "")
    assert kept.dump(3.0)[1] == b"1.500000\t1.500000\tthe boss fight\n2.000000\t2.000000\tmark 2\n"
    kept.record_party("", [BO], 0.0)
    kept.record_speech("2", 0.25, 1.0)
    assert kept.take_speech() == "0.250000\t1.000000\tBo-Streams\n"
    assert kept.take_speech() == ""


def test_the_index_is_read_back_as_it_was_written():
    kept = new_index()
    kept.record_party("x", [BO], 0.0)
    kept.record_mark(1.0, 101.0, "a")
    kept.record_gap(MIX, 1.0, 2.0, "audio gave no mix")
    data = kept.dump(5.0)[0]
    assert msgspec.json.decode(data)["seconds"] == 5.0
    assert RecordingIndex(load(data)).dump(0.0)[0] == data
