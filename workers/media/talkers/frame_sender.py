"""The frames of all talkers, sent on the audio plane at each tick."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from common.bus import AudioPublisher
from common.run.worker import Worker
from workers.media.talkers.common_playout import CommonPlayout
from workers.media.talkers.talker import Talker


class FrameSender:
    def __init__(self, worker: Worker, talkers: Mapping[str, Talker], playout: CommonPlayout) -> None:
        self._worker, self._talkers, self._playout = worker, talkers, playout
        self._speaking: set[str] = set()
        """Peer keys of who was heard in the last tick."""
        self._publisher: AudioPublisher | None = None
        self._log = structlog.get_logger("media")

    def open(self) -> None:
        self._publisher = AudioPublisher(self._worker.paths.run)

    def close(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def tick(self, number: int, due_ns: int) -> None:
        """Send the frame of each talker."""
        if self._publisher is None:
            return
        self._playout.tick(due_ns, self._speaking)
        self._speaking.clear()
        for talker in list(self._talkers.values()):
            try:
                frame = talker.tick(number, due_ns, self._worker.bus.boot)
            except Exception as error:  # noqa: BLE001  # one voice must not silence the others
                self._log.exception("a receive path failed", peer=talker.member.peer)
                self._worker.publish_problem(
                    "media.receive-fault",
                    f"Decoding a voice met {type(error).__name__}. The voice was restarted.",
                    "Report it with media's log. The party goes on.",
                    new_occurrence=True,
                )
                talker.voice.renew()
                continue
            if frame is not None:
                if frame[0].sounding:
                    self._speaking.add(frame[0].peer)
                self._publisher.send(*frame)
