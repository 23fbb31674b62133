"""The publication of the local member entry: the accounts it names, and after a restart our state."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

import structlog

from common.errors import PartylineError
from common.messages import Member
from common.psn.errors import NotAMemberError
from common.psn.party.customdata import BadCustomData, decode3, encode4
from common.psn.party.sessions import PartyMember
from workers.session.calls.party import PartyCalls
from workers.session.member.own_entry import fields
from workers.session.member.own_entry.fields import PublishSchedule
from workers.session.party.call_scope import CallScope


class OwnEntryPublisher:
    """The publication. Call `run` once. `not_a_member` is called when the server says that we are not in the party."""

    def __init__(self, calls: PartyCalls, not_a_member: Callable[[NotAMemberError], None]) -> None:
        self._calls = calls
        self._not_a_member = not_a_member
        self._naming: PublishSchedule | None = None
        self._stay = CallScope()
        self._session_id = ""
        self._custom_data4 = ""
        """The value that is still to be published, or ""."""
        self._shown4 = ""
        self._poked = asyncio.Event()
        self._log = structlog.get_logger("session")

    def begin(self, session_id: str, stay: CallScope) -> None:
        """Publish for this membership from now on, and for no other."""
        self._naming, self._stay, self._session_id = PublishSchedule(time.monotonic()), stay, session_id
        self._custom_data4, self._shown4 = "", encode4(self._calls.own_data4)

    def place_1(self, value: str) -> None:
        """Make place 1 of customData4 ``empty`` or a ``number``, in this membership and later ones."""
        ours = self._calls.own_data4.with_place_1(value)
        if ours == self._calls.own_data4:
            return
        self._calls.own_data4 = ours
        if self._naming is not None and not self._stay.over:
            self._custom_data4 = fields.custom_data4(self._shown4, ours, place_1=True)
            self._poked.set()

    def members(self, members: Sequence[Member]) -> None:
        """Take the members."""
        if self._naming is not None:
            self._naming.want(fields.others(members), time.monotonic())
            self._poked.set()

    def shown(self, entry: PartyMember, *, resumed: bool) -> None:
        """Take the local member entry that the server shows. After a restart (`resumed`) our state is corrected too."""
        if self._naming is None:
            return
        self._naming.shown(_named(entry.custom_data3, self._session_id), time.monotonic())
        self._shown4 = entry.custom_data4
        right = fields.custom_data4(entry.custom_data4, self._calls.own_data4)
        if resumed and right != entry.custom_data4:
            self._custom_data4 = right
        self._poked.set()

    async def run(self) -> None:
        while True:
            self._poked.clear()
            wait_s = await self._step()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._poked.wait()

    async def _step(self) -> float | None:
        """Publish what is due. Return in how many seconds the next call is due, None without a schedule."""
        naming = self._naming
        if naming is None or self._stay.over:
            return None
        if self._custom_data4:
            told, self._custom_data4 = self._custom_data4, ""
            if await self._tell("customData4", told):
                self._shown4 = told
        due = naming.due_at()
        if due is None or due > (now := time.monotonic()):
            return None if due is None else due - now
        wanted = naming.telling(now)
        if await self._tell("customData3", fields.custom_data3(self._session_id, wanted)):
            naming.told(wanted, time.monotonic())
        else:
            naming.failed()
        return 0.0

    async def _tell(self, field: str, value: str) -> bool:
        """Publish a field. A refusal does not end the membership, and `Naming` retries it."""
        try:
            await self._stay.during(self._calls.tell(self._session_id, field, value))
        except NotAMemberError as error:
            self._not_a_member(error)
            return False
        except PartylineError as error:
            if not self._stay.over:
                self._log.warning("our own data was not told", field=field, error=error.message)
            return False
        return True


def _named(custom_data3: str, session_id: str) -> tuple[str, ...] | None:
    try:
        read = decode3(custom_data3)
    except BadCustomData:
        return None
    return read.others if read.session_id.lower() == session_id.lower() else None
