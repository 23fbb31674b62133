"""libavcodec's FLAC encoder, one frame at a time. Frames are independent, so one encoder serves all files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.errors import PartylineError
from common.messages import SAMPLE_RATE
from workers.recorder.files import flac


class Encoder:
    """The encoder. Raises `PartylineError` if the installed PyAV has no suitable one."""

    def __init__(self) -> None:
        # 16 MB, and most of the time nothing is recorded
        import av  # noqa: PLC0415
        from av.audio.codeccontext import AudioCodecContext  # noqa: PLC0415

        context = av.CodecContext.create("flac", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = SAMPLE_RATE
        context.format = "s16"
        context.layout = "mono"
        context.open()
        if context.frame_size != flac.BLOCK:
            raise PartylineError(
                f"PyAV's FLAC encoder makes frames of {context.frame_size} samples, not of {flac.BLOCK}.",
                "Install the packages of constraints.txt: `make setup`.",
                code="recorder.encoder",
            )
        self._context = context
        self._new_frame = av.AudioFrame.from_ndarray
        self.version = f"libavcodec {'.'.join(str(part) for part in av.library_versions['libavcodec'])}"

    def frame(self, samples: NDArray[np.int16], number: int) -> bytes:
        """Return `flac.BLOCK` samples as frame `number`."""
        frame = self._new_frame(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        packets = self._context.encode(frame)
        return flac.renumbered(b"".join(bytes(packet) for packet in packets), number)
