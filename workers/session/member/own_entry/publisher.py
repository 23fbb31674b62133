"""The publication of the local member entry: the accounts that it names, and after a restart our state."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

import structlog

from common.errors import PartylineError
from common.messages import Member
from common.psn.errors import NotAMemberError
from common.psn.party.customdata import BadCustomData, CustomData4, decode3, encode4
from common.psn.party.sessions import PartyMember
from workers.session.calls.party_calls import PartyCalls
from workers.session.member.own_entry import fields
from workers.session.member.own_entry.schedule import PublishSchedule
from workers.session.party.call_scope import CallScope


class OwnEntryPublisher:
    """The publication. Call `run` once."""

    def __init__(self, calls: PartyCalls) -> None:
        self._calls = calls
        self._schedule: PublishSchedule | None = None
        self._scope = CallScope()
        self._session_id = ""
        self._own4 = CustomData4()
        self._waiting4 = ""
        """The customData4 that is still to be published, or ""."""
        self._shown4 = ""
        self._changed = asyncio.Event()
        self._log = structlog.get_logger("session")

    @property
    def custom_data4(self) -> CustomData4:
        """The customData4 to join with."""
        return self._own4

    def start(self, session_id: str, scope: CallScope) -> None:
        """Publish for this membership from now on, and for no other."""
        self._schedule, self._scope, self._session_id = PublishSchedule(time.monotonic()), scope, session_id
        self._waiting4, self._shown4 = "", encode4(self._own4)

    def set_place_1(self, value: str) -> None:
        """Make place 1 of customData4 ``empty`` or a ``number``, in this membership and later ones."""
        own = self._own4.with_place_1(value)
        if own == self._own4:
            return
        self._own4 = own
        if self._schedule is not None and not self._scope.closed:
            self._waiting4 = fields.custom_data4(self._shown4, own, place_1=True)
            self._changed.set()

    def set_members(self, members: Sequence[Member]) -> None:
        """Set the members. customData3 names the others."""
        if self._schedule is not None:
            self._schedule.set_accounts(fields.others(members), time.monotonic())
            self._changed.set()

    def on_shown(self, entry: PartyMember, *, resumed: bool) -> None:
        """Compare the entry that the server shows. After a restart (`resumed`) our state is corrected too."""
        if self._schedule is None:
            return
        self._schedule.record_shown(_named(entry.custom_data3, self._session_id), time.monotonic())
        self._shown4 = entry.custom_data4
        right = fields.custom_data4(entry.custom_data4, self._own4)
        if resumed and right != entry.custom_data4:
            self._waiting4 = right
        self._changed.set()

    async def run(self, on_not_a_member: Callable[[NotAMemberError], None]) -> None:
        """Publish what is due. `on_not_a_member` is called when the server says that we are not in the party."""
        while True:
            self._changed.clear()
            wait_s: float | None = 0.0
            try:
                wait_s = await self._step()
            except NotAMemberError as error:
                on_not_a_member(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _step(self) -> float | None:
        """Publish what is due. Return in how many seconds the next call is due, None without a schedule."""
        schedule = self._schedule
        if schedule is None or self._scope.closed:
            return None
        if self._waiting4:
            value, self._waiting4 = self._waiting4, ""
            if await self._publish("customData4", value):
                self._shown4 = value
        due = schedule.due_at()
        if due is None or due > (now := time.monotonic()):
            return None if due is None else due - now
        accounts = schedule.record_call(now)
        if await self._publish("customData3", fields.custom_data3(self._session_id, accounts)):
            schedule.record_accepted(accounts, time.monotonic())
        else:
            schedule.record_failed()
        return 0.0

    async def _publish(self, field: str, value: str) -> bool:
        """Publish a field. Return False after a failure, which `PublishSchedule` retries. Raises `NotAMemberError`."""
        scope = self._scope
        try:
            await scope.run(self._calls.publish(self._session_id, field, value))
        except NotAMemberError:
            raise
        except PartylineError as error:
            if not scope.closed:
                self._log.warning("our own entry was not published", field=field, error=error.message)
            return False
        return True


def _named(custom_data3: str, session_id: str) -> tuple[str, ...] | None:
    try:
        read = decode3(custom_data3)
    except BadCustomData:
        return None
    return read.others if read.session_id.lower() == session_id.lower() else None
