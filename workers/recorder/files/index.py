"""The index of a running recording: `session.json` and the label files. No I/O.

The event loop, the receiving and the writing thread share one `RecordingIndex`, which has its own lock. Times are
seconds since the start of the recording.
"""

from __future__ import annotations

import threading

import msgspec

from common.messages import Member, RecordedTalker
from workers.recorder.files.attendance import Attendance
from workers.recorder.files.index_format import IndexFile, IndexGap, Mark, label
from workers.recorder.files.timeline import MIX

MIX_FILE = "mix.flac"
NEAR_S = 1.0
"""Gaps of one kind this close to each other are merged."""


class RecordingIndex:
    def __init__(self, session: IndexFile) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._attendance = Attendance(session.talkers)
        self._speech: list[str] = []
        self._changed = True

    @property
    def started_at(self) -> float:
        return self._session.started_at

    @property
    def marks(self) -> int:
        return len(self._session.marks)

    @property
    def mix(self) -> str:
        return self._session.mix

    def recorded(self) -> tuple[RecordedTalker, ...]:
        """Return the talkers that have a file."""
        with self._lock:
            return self._attendance.recorded()

    # --- events ------------------------------------------------------------------------------------

    def record_mark(self, at: float, clock: float, text: str) -> None:
        with self._lock:
            self._session.marks.append(Mark(at=round(at, 6), clock=clock, text=" ".join(text.split())))
            self._changed = True

    def record_party(self, name: str, members: list[Member], at: float) -> None:
        """Record who is in the party now. An empty list means that there is no party."""
        with self._lock:
            self._session.party = self._session.party or name
            self._attendance.record_members(members, at)
            self._changed = True

    def file_of(self, account_id: str) -> tuple[str, str]:
        """Return an account's file and display name. The file's name is chosen once and stays."""
        with self._lock:
            if account_id == MIX:
                self._changed = self._changed or not self._session.mix
                self._session.mix = MIX_FILE
                return MIX_FILE, MIX
            talker = self._attendance.talker(account_id)
            if not talker.file:
                self._attendance.choose_file(talker)
                self._changed = True
            return talker.file, talker.online_id or account_id

    def record_gap(self, who: str, start: float, end: float, why: str) -> None:
        """Record a gap, unless the talker was not in the party."""
        with self._lock:
            if self._attendance.was_away(who, start, end):
                return
            for former in self._session.gaps:
                if (former.who, former.why) == (who, why) and -NEAR_S < start - former.end < NEAR_S:
                    former.end = round(max(end, former.end), 6)
                    break
            else:
                self._session.gaps.append(IndexGap(who=who, start=round(start, 6), end=round(end, 6), why=why))
            self._changed = True

    def record_speech(self, account_id: str, start: float, end: float) -> None:
        with self._lock:
            talker = self._attendance.talker(account_id)
            self._speech.append(label(start, end, talker.online_id or account_id))

    def record_end(self, seconds: float, reason: str) -> None:
        with self._lock:
            self._session.state, self._session.ended, self._session.seconds = "finished", reason, round(seconds, 6)
            self._attendance.record_end(seconds)
            self._changed = True

    def reopen(self) -> None:
        """Continue after a restart of the recorder."""
        with self._lock:
            if self._session.state == "finished":
                self._attendance.reopen(self._session.seconds)
            self._session.state, self._session.ended, self._changed = "recording", "", True

    # --- output ------------------------------------------------------------------------------------

    def take_change(self) -> bool:
        """Return whether there was a change since the last call."""
        with self._lock:
            changed, self._changed = self._changed, False
            return changed

    def take_speech(self) -> str:
        """Return the label lines of speech since the last call."""
        with self._lock:
            lines, self._speech = self._speech, []
            return "".join(lines)

    def dump(self, seconds: float) -> tuple[bytes, bytes]:
        """Return `session.json` and the marks as an Audacity label file."""
        with self._lock:
            self._session.seconds = round(max(seconds, self._session.seconds), 6)
            index = msgspec.json.format(msgspec.json.encode(self._session), indent=2) + b"\n"
            labels = "".join(
                label(mark.at, mark.at, mark.text or f"mark {number}")
                for number, mark in enumerate(self._session.marks, 1)
            )
            return index, labels.encode()
