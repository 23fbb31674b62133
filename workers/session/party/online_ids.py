"""Online ids for members that came without one. Each is requested once, and a failure is not an error."""

from __future__ import annotations

import structlog

from common.psn.errors import PsnError
from workers.session.calls.party import PartyCalls
from workers.session.party.call_scope import CallScope
from workers.session.party.table import PartyTable


class OnlineIds:
    def __init__(self, calls: PartyCalls) -> None:
        self._calls = calls
        self._asked: set[str] = set()
        self._log = structlog.get_logger("session")

    def missing(self, table: PartyTable) -> list[str]:
        """Return the account ids whose names were not requested yet."""
        return [account for account in table.nameless if account not in self._asked]

    async def tell(self, table: PartyTable, stay: CallScope) -> None:
        """Request the names that `table` lacks, and add them."""
        missing = self.missing(table)
        if not missing:
            return
        self._asked.update(missing)
        try:
            names = await stay.during(self._calls.names(missing))
        except PsnError as error:
            self._log.info("no online ids", error=error.message)
            return
        table.name_members(names)
