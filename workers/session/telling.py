"""Seeing to it that our own member entry says what it must: once when we join, and once after a restart."""

from __future__ import annotations

import structlog

from common.psn.errors import PsnError
from common.psn.sessions import PartyMember
from workers.session import own_data
from workers.session.calls import PartyCalls
from workers.session.memory import Memory


class Telling:
    def __init__(self, calls: PartyCalls) -> None:
        self._calls = calls
        self._told_in = ""
        """The context in which this run has seen to our own data."""
        self._log = structlog.get_logger("session")
        self.shown: PartyMember | None = None
        """Our own entry, as the last snapshot showed it."""

    async def joined(self, kept: Memory) -> None:
        await self._tell(kept, {"customData3": own_data.custom_data3(kept.session_id, kept.account_id)})

    async def resumed(self, kept: Memory) -> None:
        """Tell what the server shows wrongly of us, if this run has not told it yet."""
        if self.shown is not None and self._told_in != kept.context_id:
            await self._tell(kept, own_data.to_tell(self.shown, kept.session_id, kept.account_id))

    async def _tell(self, kept: Memory, fields: dict[str, str]) -> None:
        """Say what our own entry must show; a refusal does not cost us the party."""
        self._told_in = kept.context_id
        try:
            for field, value in fields.items():
                await self._calls.tell(kept.session_id, field, value)
        except PsnError as error:
            self._log.warning("our own data was refused", error=error.message, reference_id=error.reference_id)
