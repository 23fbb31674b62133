"""The cards Clip and Recordings in a real Chromium."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from common.messages import ClipState, RecordingList
from common.requests import (
    DeleteRecording,
    ExportRecording,
    KeepClip,
    RenameRecording,
    RevealRecording,
    SaveClip,
)
from tests.support.waiting import eventually
from tests.workers.dashboard.stage import Stage
from tests.workers.dashboard.window import DESKTOP, PHONE, opened
from tests.workers.recorder.clip.made_clips import made_cut
from workers.recorder.clip.clip_folder import write_clip
from workers.recorder.library.recording_library import RecordingLibrary


def test_clips_are_kept_and_saved_and_recordings_played_renamed_exported_and_deleted(
    party: Stage, browser: Browser, tmp_path: Path
) -> None:
    name = Path(write_clip(tmp_path, made_cut(), 1_800_000_000.0, 0).folder).name
    party.publish("recorder", ClipState())
    party.publish("recorder", RecordingList())
    with opened(browser, party.url()) as page:
        clip = page.get_by_role("region", name="Clip", exact=True)
        recordings = page.get_by_role("region", name="Recordings")
        expect(recordings).to_contain_text("There are none yet")
        expect(clip).to_contain_text("Nothing is kept now")
        expect(clip).to_contain_text("consent")
        clip.get_by_label("How much is kept").select_option("1 minute")
        clip.get_by_role("button", name="Keep", exact=True).click()
        party.await_asked(KeepClip(seconds=60))
        party.publish("recorder", ClipState(seconds=60, kept_s=35.0, memory_bytes=9_000_000))
        expect(clip).to_contain_text("The last 35 s of everybody are in memory (9 MB)")
        clip.get_by_role("button", name="Save a clip").click()
        party.await_asked(SaveClip(seconds=0))
        expect(page.get_by_text("30 s are saved")).to_be_visible()
        party.asked.clear()
        page.keyboard.press("c")
        party.await_asked(SaveClip(seconds=0))
        clip.get_by_role("button", name="Keep nothing").click()
        party.await_asked(KeepClip(seconds=0))

        party.publish("recorder", RecordingLibrary(tmp_path).scan())
        row = recordings.get_by_role("listitem")
        expect(row).to_contain_text("00:03 · 2 talkers")
        row.get_by_label("What to play").select_option("Bo-Streams")
        row.get_by_role("button", name="Play").click()
        player = "document.querySelector('audio')"
        eventually(lambda: page.evaluate(f"{player}.currentTime > 0.2"), "it plays")
        assert page.evaluate(f"{player}.duration") == 3.84
        assert "key" not in page.evaluate(f"{player}.src")
        row.get_by_label("Export as").select_option("MP3 of the mix")
        party.await_asked(ExportRecording(recording=name, kind="mp3"))
        row.get_by_text("More").click()
        row.get_by_role("button", name="Show the folder").click()
        party.await_asked(RevealRecording(recording=name))
        row.get_by_role("button", name="Rename").first.click()
        row.get_by_label("New name").fill("Boss fight")
        page.keyboard.press("Enter")
        party.await_asked(RenameRecording(recording=name, name="Boss fight"))
        row.get_by_role("button", name="Delete").click()
        assert DeleteRecording(recording=name) not in party.asked, "one click deletes nothing"
        row.get_by_role("button", name="Move to the trash?").click()
        party.await_asked(DeleteRecording(recording=name))
        for width, height in (DESKTOP, PHONE, (320, 500)):
            page.set_viewport_size({"width": width, "height": height})
            assert row.evaluate("e => e.scrollWidth <= e.clientWidth"), f"nothing sticks out at {width}"
