"""The requests that the recorder serves: start, stop and mark."""

from __future__ import annotations

from common.bus import Bus
from common.messages import Recording
from common.requests import MarkRecording, StartRecording, StopRecording
from workers.recorder.recording_control import RecordingControl


class RecordingRequests:
    def __init__(self, control: RecordingControl) -> None:
        self._control = control

    def serve(self, bus: Bus) -> None:
        bus.serve(StartRecording, self._serve_start)
        bus.serve(StopRecording, self._serve_stop)
        bus.serve(MarkRecording, self._serve_mark)

    async def _serve_start(self, request: StartRecording) -> Recording:
        async with self._control.changing:
            await self._control.start(request.name)
            return self._control.publish()

    async def _serve_stop(self, _: StopRecording) -> Recording:
        async with self._control.changing:
            return await self._control.end(self._control.current())

    async def _serve_mark(self, request: MarkRecording) -> Recording:
        self._control.current().record_mark(request.text)
        return self._control.publish()
