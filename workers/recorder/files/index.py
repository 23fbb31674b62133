"""The index of a recording: `session.json` and the label files. No I/O.

The event loop, the receiving and the writing thread share one `RecordingIndex`, which has its own lock. Times are
seconds since the start of the recording.
"""

from __future__ import annotations

import threading
from typing import Literal

import msgspec

from common.messages import SAMPLE_RATE, Member, RecordedTalker
from workers.recorder.files.naming import file_name
from workers.recorder.files.timeline import MIX

MIX_FILE = "mix.flac"
MOST_S = 366 * 86400.0
MOST_STARTED = 253402300800.0
"""Unix seconds of the year 10000, from which on `datetime` has no dates."""
NEAR_S = 1.0
"""Gaps of one kind this close to each other are merged."""


class Span(msgspec.Struct, kw_only=True):
    """A time span. `end` is null while it lasts."""

    start: float
    end: float | None = None


class IndexTalker(msgspec.Struct, kw_only=True):
    """One account. `file` is empty until sound comes from it, i.e. while its connection was never up."""

    account_id: str
    online_id: str = ""
    platforms: list[str] = []
    file: str = ""
    present: list[Span] = []
    """When it was in the party."""


class Mark(msgspec.Struct, kw_only=True):
    at: float
    clock: float
    """Unix seconds."""
    text: str = ""


class IndexGap(msgspec.Struct, kw_only=True):
    """Silence where sound was lost. `who`: an account id, ``mix``, or ``everybody``."""

    who: str
    start: float
    end: float
    why: str


class IndexFile(msgspec.Struct, kw_only=True):
    """`session.json`. It has names and account ids, and no credentials."""

    format: int = 1
    state: Literal["recording", "finished"] = "recording"
    ended: str = ""
    """Why it ended, in plain words. Empty if it was stopped."""
    name: str = ""
    party: str = ""
    """The party's name at the start."""
    started_at: float
    """Unix seconds of sample 0."""
    seconds: float = 0.0
    sample_rate: int = SAMPLE_RATE
    mix: str = ""
    """File of the mix, aligned with the talkers. Empty if audio sent none."""
    talkers: list[IndexTalker] = []
    marks: list[Mark] = []
    gaps: list[IndexGap] = []
    versions: dict[str, str] = {}


class RecordingIndex:
    def __init__(self, session: IndexFile) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._talkers = {talker.account_id: talker for talker in session.talkers}
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
            return tuple(
                RecordedTalker(account_id=talker.account_id, online_id=talker.online_id, file=talker.file)
                for talker in self._session.talkers
                if talker.file
            )

    # --- events ------------------------------------------------------------------------------------

    def mark(self, at: float, clock: float, text: str) -> None:
        with self._lock:
            self._session.marks.append(Mark(at=round(at, 6), clock=clock, text=" ".join(text.split())))
            self._changed = True

    def party(self, name: str, members: list[Member], at: float) -> None:
        """Record who is in the party now. An empty list means that there is no party."""
        with self._lock:
            self._session.party = self._session.party or name
            here = {member.account_id for member in members}
            for member in members:
                self._arrive(member, at)
            for talker in self._session.talkers:
                if talker.account_id not in here and talker.present and talker.present[-1].end is None:
                    talker.present[-1].end = round(at, 3)
            self._changed = True

    def _arrive(self, member: Member, at: float) -> None:
        talker = self._talker(member.account_id)
        talker.online_id = member.online_id or talker.online_id
        if member.platform not in talker.platforms:
            talker.platforms.append(member.platform)
        if not talker.present or talker.present[-1].end is not None:
            talker.present.append(Span(start=round(at, 3)))

    def _talker(self, account_id: str) -> IndexTalker:
        talker = self._talkers.get(account_id)
        if talker is None:
            talker = self._talkers[account_id] = IndexTalker(account_id=account_id)
            self._session.talkers.append(talker)
        return talker

    def file_of(self, account_id: str) -> tuple[str, str]:
        """Return an account's file and display name. The file's name is chosen once and stays."""
        with self._lock:
            if account_id == MIX:
                self._changed = self._changed or not self._session.mix
                self._session.mix = MIX_FILE
                return MIX_FILE, MIX
            talker = self._talker(account_id)
            if not talker.file:
                taken = {other.file.removesuffix(".flac").lower() for other in self._session.talkers}
                talker.file = file_name(account_id, talker.online_id, taken)
                self._changed = True
            return talker.file, talker.online_id or account_id

    def gap(self, who: str, start: float, end: float, why: str) -> None:
        """Record a gap, unless the talker was not in the party."""
        with self._lock:
            present = self._talkers[who].present if who in self._talkers else []
            if present and not any(s.start <= start and (s.end is None or s.end >= end) for s in present):
                return
            for former in self._session.gaps:
                if (former.who, former.why) == (who, why) and -NEAR_S < start - former.end < NEAR_S:
                    former.end = round(max(end, former.end), 6)
                    break
            else:
                self._session.gaps.append(IndexGap(who=who, start=round(start, 6), end=round(end, 6), why=why))
            self._changed = True

    def speech(self, account_id: str, start: float, end: float) -> None:
        with self._lock:
            talker = self._talker(account_id)
            self._speech.append(label(start, end, talker.online_id or account_id))

    def end(self, seconds: float, why: str) -> None:
        with self._lock:
            self._session.state, self._session.ended, self._session.seconds = "finished", why, round(seconds, 6)
            for talker in self._session.talkers:
                if talker.present and talker.present[-1].end is None:
                    talker.present[-1].end = round(seconds, 3)
            self._changed = True

    def go_on(self) -> None:
        """Continue after a restart. Members that were there at the end did not leave because of it."""
        with self._lock:
            for talker in self._session.talkers if self._session.state == "finished" else ():
                if talker.present and talker.present[-1].end == round(self._session.seconds, 3):
                    talker.present[-1].end = None
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


def label(start: float, end: float, text: str) -> str:
    """Return one line of an Audacity label file: seconds, tab, seconds, tab, text."""
    return f"{start:.6f}\t{end:.6f}\t{text}\n"


def load(data: bytes) -> IndexFile:
    """Read `session.json`. Raises `msgspec.DecodeError` or `ValueError`, also for files outside the folder."""
    session = msgspec.json.decode(data, type=IndexFile)
    for file in filter(None, [session.mix, *(talker.file for talker in session.talkers)]):
        if "/" in file or "\\" in file or "\0" in file or not file.endswith(".flac"):
            raise ValueError(f"it names a file that is none of a recording: {file!r}")
    if not (0 <= session.seconds < MOST_S and 0 <= session.started_at < MOST_STARTED):
        raise ValueError(f"a recording of {session.seconds:g} s from {session.started_at:g} on is none")
    return session
