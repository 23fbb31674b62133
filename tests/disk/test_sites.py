"""Every place that reads or writes a file is known, with what becomes of a failure there. A new one belongs here.

State that is read back goes through `common.files.state` (any bytes, set aside, told once) and is in
`tests.common.files.test_state.READERS`; what is saved goes through `state.save` (kept, retried, told as
``worker.disk``).
"""

from __future__ import annotations

from tests.disk.sites import sites

STATE = "the helper itself"
SENTENCE = "the asker is told in a sentence"
WITHOUT = "done without, and logged or told"
PROBLEM = "a problem of that worker"
CAUGHT = "any bytes are survived: it catches common.files.state.UNUSABLE"
NO_STATE = "no state of ours that is decoded"

READS = {
    "common/basic/clock.py:boot_id": NO_STATE,
    "common/run/foreground.py:abandoned": "compared as bytes",
    "common/system/memory.py:_of_proc": NO_STATE,
    "common/log/last_words.py:of_log": CAUGHT,
    "common/run/lives.py:_read": CAUGHT,
    "common/config/pages.py:load_keys": CAUGHT,
    "common/api/keys.py:load": CAUGHT,
    "common/bus/peers/keyring.py:load": CAUGHT,
    "common/config/https/certificate_store.py:load": CAUGHT,
    "common/obs/own_settings.py:_global_ini": "OBS's own file: what cannot be read is no settings",
    "common/obs/own_settings.py:_plugin_file": CAUGHT,
    "common/run/process.py:_note_supervisor": "compared as bytes",
    "common/psn/http/endpoints.py:_read": CAUGHT,
    "common/psn/http/shared.py:_read": CAUGHT,
    "common/psn/http/trace.py:read": CAUGHT,
    "common/config/edit.py:read": SENTENCE,
    "common/config/settings.py:_read": SENTENCE,
    "common/files/state.py:read": STATE,
    "workers/audio/system/native_output.py:_drain": NO_STATE,
    "workers/audio/sinks/file.py:_silence_to_continue": "the head of a WAV, compared",
    "workers/auth/one_shot.py:_head": NO_STATE,
    "workers/dashboard/avatars/avatar_cache.py:_read": "a picture is judged by its signature",
    "workers/dashboard/avatars/local_avatars.py:_read": "a picture is judged by its signature",
    "workers/dashboard/serve/site.py:_file": NO_STATE,
    "workers/dashboard/serve/certificate_page.py:answer": NO_STATE,
    "workers/dashboard/serve/plain_http.py:_to_https": NO_STATE,
    "workers/recorder/files/track.py:_whole": "a FLAC file is judged frame by frame",
    "workers/recorder/files/track.py:count": "a FLAC file is judged frame by frame",
    "workers/recorder/files/track.py:promised": "a FLAC file is judged frame by frame",
    "workers/recorder/record/recording_folder.py:resume": "ends in the problem recorder.unfinished",
    "workers/recorder/library/entries.py:read_index": SENTENCE,
    "workers/recorder/library/entries.py:entry_of": CAUGHT,
    "workers/recorder/library/entries.py:is_unfinished_clip": CAUGHT,
}
WRITES = {
    "common/run/foreground.py:__init__": SENTENCE,
    "common/run/foreground.py:abandoned": "opened for reading",
    "common/run/foreground.py:over": SENTENCE,
    "common/run/foreground.py:release": SENTENCE,
    "common/obs/memory.py:_save": SENTENCE,
    "common/run/lives.py:_write": "each start waits (BLIND_S)",
    "common/run/lives.py:forget": "the next start waits as usual",
    "common/run/lives.py:request_start": "who is held back waits on as it said",
    "common/run/lives.py:take_start_request": "who is held back waits on as it said",
    "common/config/pages.py:_put": PROBLEM,
    "common/config/pages.py:draw_keys": SENTENCE,
    "common/api/keys.py:_save": SENTENCE,
    "common/config/pages.py:replace_full_key": SENTENCE,
    "common/config/https/certificate_store.py:_write": SENTENCE,
    "common/bus/peers/keyring.py:save": SENTENCE,
    "common/files/lock.py:locked": "its caller tells: the pace is kept by one process, keys are changed in a sentence",
    "common/files/paths.py:_close": SENTENCE,
    "common/files/paths.py:make": SENTENCE,
    "common/files/paths.py:write_atomically": STATE,
    "common/system/disk.py:__init__": "opened for reading",
    "common/system/disk.py:_take_file": "as with the folder that cannot be locked: its caller tells",
    "common/system/disk.py:release": "the file stays, and locks nobody out",
    "common/system/disk.py:sync": STATE,
    "common/run/process.py:_lock_file": WITHOUT,
    "common/run/process.py:_note_supervisor": WITHOUT,
    "common/psn/http/admission.py:__init__": "the process keeps the pace for itself",
    "common/psn/http/shared.py:_write": "the process keeps the pace for itself",
    "common/psn/http/trace.py:_turn": WITHOUT,
    "common/psn/http/trace.py:add": WITHOUT,
    "common/config/edit.py:write": SENTENCE,
    "common/system/trust_store.py:trust": SENTENCE,
    "common/files/state.py:set_aside": PROBLEM,
    "common/files/unsaved.py:_put": STATE,
    "common/run/descriptors.py:run_out": "it is what is asked",
    "workers/audio/play/outputs/player/__main__.py:_send": "not a file",
    "workers/audio/sinks/wav.py:create": PROBLEM,
    "workers/audio/sinks/file.py:_open": PROBLEM,
    "workers/audio/sinks/wav.py:_set_aside": PROBLEM,
    "workers/audio/sinks/wav.py:resume": PROBLEM,
    "workers/audio/sinks/wav.py:write": PROBLEM,
    "workers/auth/stored/store.py:_newest": "the file stays, and the next save deletes it",
    "workers/auth/stored/store.py:forget": SENTENCE,
    "workers/auth/stored/store.py:save": PROBLEM,
    "workers/dashboard/live/api_keys.py:_serve": "not a file",
    "workers/dashboard/avatars/avatar_cache.py:_read": WITHOUT,
    "workers/dashboard/avatars/avatar_cache.py:_write": WITHOUT,
    "workers/dashboard/avatars/avatar_updater.py:setup": WITHOUT,
    "workers/dashboard/worker.py:_resync": "not a file",
    "workers/recorder/repair.py:_repair": SENTENCE,
    "workers/recorder/files/track.py:_append": PROBLEM,
    "workers/recorder/files/track.py:_write_all": PROBLEM,
    "workers/recorder/files/track.py:create": PROBLEM,
    "workers/recorder/files/track.py:finish": PROBLEM,
    "workers/recorder/files/track.py:resume": PROBLEM,
    "workers/recorder/files/track.py:sync": PROBLEM,
    "workers/recorder/record/tracks.py:_resume": PROBLEM,
    "workers/recorder/record/recording_folder.py:create": SENTENCE,
    "workers/recorder/record/recording_folder.py:discard": SENTENCE,
    "workers/recorder/record/recording_folder.py:finish": PROBLEM,
    "workers/recorder/record/recording_folder.py:resume": PROBLEM,
    "workers/recorder/record/recording_folder.py:_append_lines": PROBLEM,
    "workers/recorder/record/recording_folder.py:_private": PROBLEM,
    "workers/recorder/record/recording_folder.py:save": PROBLEM,
    "workers/recorder/clip/clip_folder.py:_sync_folder": "the clip waits in memory: recorder.clip-unsaved",
    "workers/recorder/clip/clip_folder.py:_write_index": "the clip waits in memory: recorder.clip-unsaved",
    "workers/recorder/clip/clip_folder.py:_write_tracks": "the clip waits in memory: recorder.clip-unsaved",
    "workers/recorder/clip/clip_folder.py:write_clip": "the clip waits in memory: recorder.clip-unsaved",
    "workers/recorder/clip/clip_folder.py:remove_parts": "it stays, hidden, for the next start",
    "workers/recorder/export/audio_copy.py:make_copy": SENTENCE,
    "workers/recorder/library/exporter.py:_ffmetadata": SENTENCE,
    "workers/recorder/library/exporter.py:_written": SENTENCE,
    "workers/recorder/library/library_control.py:rename": SENTENCE,
    "workers/recorder/library/recording_library.py:delete": SENTENCE,
    "workers/recorder/library/recording_library.py:rename": SENTENCE,
    "workers/recorder/requests.py:_serve_rename": "not a file",
    "workers/signaling/transports/bridge/withdrawals.py:_unlink": "not a file",
}


def test_whoever_reads_a_file_is_known() -> None:
    assert sorted(sites("r")) == sorted(READS), "a new reader: use common.files.state.load, add it to READERS and here"


def test_whoever_writes_a_file_is_known() -> None:
    assert sorted(sites("w")) == sorted(WRITES), "a new writer: use common.files.state.save, or say what a failure does"
