"""The requests that the recorder serves: the recording, the clips, and the recordings on the disk."""

from __future__ import annotations

from pathlib import Path

from common.bus import Bus
from common.messages import ClipState, Recording
from common.requests import (
    DeleteRecording,
    Done,
    ExportRecording,
    KeepClip,
    MarkRecording,
    RenameRecording,
    RevealRecording,
    SaveClip,
    SavedClip,
    StartRecording,
    StopRecording,
)
from workers.recorder.clip.clip_control import ClipControl
from workers.recorder.library.library_control import LibraryControl
from workers.recorder.recording_control import RecordingControl


class RecordingRequests:
    def __init__(self, control: RecordingControl, clips: ClipControl, library: LibraryControl) -> None:
        self._control = control
        self._clips = clips
        self._library = library

    def serve(self, bus: Bus) -> None:
        bus.serve(StartRecording, self._serve_start)
        bus.serve(StopRecording, self._serve_stop)
        bus.serve(MarkRecording, self._serve_mark)
        bus.serve(SaveClip, self._serve_save_clip)
        bus.serve(KeepClip, self._serve_keep_clip)
        bus.serve(RenameRecording, self._serve_rename)
        bus.serve(DeleteRecording, self._serve_delete)
        bus.serve(RevealRecording, self._serve_reveal)
        bus.serve(ExportRecording, self._serve_export)

    async def _serve_start(self, request: StartRecording) -> Recording:
        async with self._control.changing:
            await self._control.start(request.name)
            self._library.on_change()
            return self._control.publish()

    async def _serve_stop(self, _: StopRecording) -> Recording:
        async with self._control.changing:
            ended = await self._control.end(self._control.current())
            self._library.on_change()
            return ended

    async def _serve_mark(self, request: MarkRecording) -> Recording:
        self._control.current().record_mark(request.text)
        return self._control.publish()

    async def _serve_save_clip(self, request: SaveClip) -> SavedClip:
        saved = await self._clips.save(request.seconds)
        if self._control.running is not None:
            self._control.running.record_mark(f"clip saved: {Path(saved.folder).name}")
            self._control.publish()
        return saved

    async def _serve_keep_clip(self, request: KeepClip) -> ClipState:
        return self._clips.keep(request.seconds)

    async def _serve_rename(self, request: RenameRecording) -> Done:
        return await self._library.rename(request.recording, request.name)

    async def _serve_delete(self, request: DeleteRecording) -> Done:
        return await self._library.delete(request.recording)

    async def _serve_reveal(self, request: RevealRecording) -> Done:
        return await self._library.reveal(request.recording)

    async def _serve_export(self, request: ExportRecording) -> Done:
        return await self._library.export(request.recording, request.kind)
