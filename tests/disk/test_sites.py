"""Every place that reads or writes a file is known, with what becomes of a failure there. A new one belongs here.

State that is read back goes through `common.state` (any bytes, set aside, told once) and is in
`tests.common.test_state.READERS`; what is saved goes through `state.save` (kept, retried, told as ``worker.disk``).
"""

from __future__ import annotations

from tests.disk.sites import sites

STATE = "the helper itself"
SENTENCE = "the asker is told in a sentence"
WITHOUT = "done without, and logged or told"
PROBLEM = "a problem of that worker"
CAUGHT = "any bytes are survived: it catches common.state.UNUSABLE"
NO_STATE = "no state of ours that is decoded"

READS = {
    "common/foreground.py:abandoned": "compared as bytes",
    "common/last_words.py:of_log": CAUGHT,
    "common/lives.py:_read": CAUGHT,
    "common/pages.py:load_keys": CAUGHT,
    "common/process.py:_note_supervisor": "compared as bytes",
    "common/psn/endpoints.py:_read": CAUGHT,
    "common/psn/shared.py:_read": CAUGHT,
    "common/psn/trace.py:read": CAUGHT,
    "common/realm.py:choose": SENTENCE,
    "common/settings.py:_read": SENTENCE,
    "common/state.py:read": STATE,
    "common/worker.py:_rss_bytes": NO_STATE,
    "workers/audio/native.py:_drain": NO_STATE,
    "workers/audio/sinks/file.py:_silence_to_continue": "the head of a WAV, compared",
    "workers/auth/once.py:_head": NO_STATE,
    "workers/dashboard/gallery.py:_kept": "a picture is judged by its signature",
    "workers/dashboard/own_pictures.py:_read": "a picture is judged by its signature",
    "workers/dashboard/site.py:_file": NO_STATE,
    "workers/recorder/stem.py:_whole": "a FLAC file is judged frame by frame",
    "workers/recorder/stem.py:count": "a FLAC file is judged frame by frame",
    "workers/recorder/stem.py:promised": "a FLAC file is judged frame by frame",
    "workers/recorder/take.py:resume": "ends in the problem recorder.unfinished",
}
WRITES = {
    "common/foreground.py:__init__": SENTENCE,
    "common/foreground.py:abandoned": "opened for reading",
    "common/foreground.py:over": SENTENCE,
    "common/foreground.py:release": SENTENCE,
    "common/lives.py:_write": "each start waits (BLIND_S)",
    "common/pages.py:_put": PROBLEM,
    "common/pages.py:draw_keys": SENTENCE,
    "common/paths.py:_close": SENTENCE,
    "common/paths.py:make": SENTENCE,
    "common/paths.py:write_atomically": STATE,
    "common/process.py:_lock_file": WITHOUT,
    "common/process.py:_note_supervisor": WITHOUT,
    "common/psn/shared.py:_locked": "the process keeps the pace for itself",
    "common/psn/shared.py:_write": "the process keeps the pace for itself",
    "common/psn/trace.py:_turn": WITHOUT,
    "common/psn/trace.py:add": WITHOUT,
    "common/realm.py:choose": SENTENCE,
    "common/state.py:set_aside": PROBLEM,
    "common/unsaved.py:_put": STATE,
    "common/worker.py:run_out": "it is what is asked",
    "workers/audio/sinks/file.py:_new_file": PROBLEM,
    "workers/audio/sinks/file.py:_open": PROBLEM,
    "workers/audio/sinks/file.py:_set_aside": PROBLEM,
    "workers/audio/sinks/file.py:_write": PROBLEM,
    "workers/auth/store.py:forget": SENTENCE,
    "workers/auth/store.py:save": PROBLEM,
    "workers/dashboard/gallery.py:_keep": WITHOUT,
    "workers/dashboard/gallery.py:_kept": WITHOUT,
    "workers/dashboard/worker.py:_compare": "not a file",
    "workers/dashboard/worker.py:run": WITHOUT,
    "workers/recorder/repair.py:_repair": SENTENCE,
    "workers/recorder/stem.py:_append": PROBLEM,
    "workers/recorder/stem.py:_write_all": PROBLEM,
    "workers/recorder/stem.py:create": PROBLEM,
    "workers/recorder/stem.py:finish": PROBLEM,
    "workers/recorder/stem.py:resume": PROBLEM,
    "workers/recorder/stem.py:sync": PROBLEM,
    "workers/recorder/take.py:_reopen": PROBLEM,
    "workers/recorder/take.py:begin": SENTENCE,
    "workers/recorder/take.py:discard": SENTENCE,
    "workers/recorder/take.py:finish": PROBLEM,
    "workers/recorder/take.py:locked": "opened for reading",
    "workers/recorder/take.py:resume": PROBLEM,
    "workers/recorder/take.py:save": PROBLEM,
    "workers/signaling/transports/bridge_steps.py:_unlink": "not a file",
}


def test_whoever_reads_a_file_is_known() -> None:
    assert sorted(sites("r")) == sorted(READS), "a new reader: use common.state.load, add it to READERS and here"


def test_whoever_writes_a_file_is_known() -> None:
    assert sorted(sites("w")) == sorted(WRITES), "a new writer: use common.state.save, or say what a failure does"
