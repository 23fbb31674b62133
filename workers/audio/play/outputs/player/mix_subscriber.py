"""The thread that takes the finished mix from its plane into a chain's inbox."""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path

import msgspec
import numpy as np

from common.bus import AudioSubscriber
from common.bus.stereo import StereoFrame, StereoFrames
from common.messages import MIX_PLANE, OUTPUT_PEER, AudioFrame
from common.system import qos
from workers.audio.mix.talker_frames import TalkerFrame

WAIT_MS = 200
"""Longest wait for a frame between two checks whether to stop."""
QUIET = 100
"""Frames whose samples are all below this (-50 dBFS) count as silence, in which a whole frame may be dropped or added.
Chosen well below speech, because noise of the talkers' microphones is never silent."""


def as_heard(frame: AudioFrame, samples: bytes) -> tuple[AudioFrame, bytes]:
    """Return the frame, which counts as silence if it is quiet."""
    if samples and frame.sounding and int(np.abs(np.frombuffer(samples, "<i2").astype(np.int32)).max()) < QUIET:
        frame = msgspec.structs.replace(frame, sounding=False)
    return frame, samples


def as_talker(found: StereoFrame, received_ns: int) -> TalkerFrame:
    """Return the mix as the talker of a chain, with its sides."""
    frame, samples = as_heard(found.frame, found.samples)
    if found.sides is None or not samples:
        return TalkerFrame(frame, samples, received_ns)
    mix = np.frombuffer(samples, "<i2").astype(np.float32)
    sides = np.stack([np.frombuffer(side, "<i2") - mix if side else -mix for side in found.sides])
    sides *= np.float32(1 / 32768)
    return TalkerFrame(frame, samples, received_ns, sides=sides)


class MixSubscriber:
    """It takes the mix without the mix's delay, since an output may have a shorter one."""

    def __init__(self, run: Path, inbox: deque[TalkerFrame]) -> None:
        self._run_folder = run
        self._inbox = inbox
        self._stopping = False
        self._thread = threading.Thread(target=self._receive, name="mix", daemon=True)
        self.fault: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def _receive(self) -> None:
        qos.set_time_critical()
        try:
            subscriber = AudioSubscriber(self._run_folder, MIX_PLANE, OUTPUT_PEER)
            stereo = StereoFrames(OUTPUT_PEER)
            while not self._stopping:
                for frame, samples in subscriber.receive(WAIT_MS):
                    found = stereo.add(frame, samples)
                    if found is not None:
                        self._inbox.append(as_talker(found, time.monotonic_ns()))
            subscriber.close()
        except BaseException as error:  # noqa: BLE001  # the player reads it and ends
            self.fault = error

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(2)
