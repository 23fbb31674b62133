"""Who is in the party when, and the file of each talker. No I/O, no clock, no lock."""

from __future__ import annotations

from collections.abc import Iterable

from common.messages import Member, PartyState, RecordedTalker
from workers.recorder.files.index_format import IndexTalker, Span
from workers.recorder.files.naming import file_name


def present_members(party: PartyState) -> list[Member] | None:
    """Return the others in the party, none without a party, None while it is being joined or left."""
    if party.phase in ("joining", "leaving"):
        return None
    members = [member for member in party.members if not member.is_me and member.peer != party.me]
    return members if party.phase == "joined" else []


class Attendance:
    """The talkers of one index. Times are seconds since the start of the recording."""

    def __init__(self, talkers: list[IndexTalker]) -> None:
        """`talkers` is the index's list, which is changed in place."""
        self._talkers = talkers
        self._by_account = {talker.account_id: talker for talker in talkers}

    def talker(self, account_id: str) -> IndexTalker:
        talker = self._by_account.get(account_id)
        if talker is None:
            talker = self._by_account[account_id] = IndexTalker(account_id=account_id)
            self._talkers.append(talker)
        return talker

    def recorded(self) -> tuple[RecordedTalker, ...]:
        """Return the talkers that have a file."""
        return tuple(
            RecordedTalker(account_id=talker.account_id, online_id=talker.online_id, file=talker.file)
            for talker in self._talkers
            if talker.file
        )

    def choose_file(self, talker: IndexTalker) -> None:
        taken = {other.file.removesuffix(".flac").lower() for other in self._talkers}
        talker.file = file_name(talker.account_id, talker.online_id, taken)

    def record_members(self, members: Iterable[Member], at: float) -> None:
        """Record who is in the party now."""
        here = set()
        for member in members:
            here.add(member.account_id)
            self._record_arrival(member, at)
        self._record_departures([talker for talker in self._talkers if talker.account_id not in here], at)

    def record_end(self, at: float) -> None:
        self._record_departures(self._talkers, at)

    def reopen(self, ended_at: float) -> None:
        """Continue after a restart. Members that were there at the end did not leave because of it."""
        for talker in self._talkers:
            if talker.present and talker.present[-1].end == round(ended_at, 3):
                talker.present[-1].end = None

    def was_away(self, account_id: str, start: float, end: float) -> bool:
        """Return whether an account is known to have been out of the party for a part of that time."""
        present = self._by_account[account_id].present if account_id in self._by_account else []
        return bool(present) and not any(s.start <= start and (s.end is None or s.end >= end) for s in present)

    def _record_arrival(self, member: Member, at: float) -> None:
        talker = self.talker(member.account_id)
        talker.online_id = member.online_id or talker.online_id
        if member.platform not in talker.platforms:
            talker.platforms.append(member.platform)
        if not talker.present or talker.present[-1].end is not None:
            talker.present.append(Span(start=round(at, 3)))

    @staticmethod
    def _record_departures(talkers: list[IndexTalker], at: float) -> None:
        for talker in talkers:
            if talker.present and talker.present[-1].end is None:
                talker.present[-1].end = round(at, 3)
