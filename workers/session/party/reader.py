"""Reading of the party by REST."""

from __future__ import annotations

import structlog

from common.psn.errors import PsnError
from common.psn.party.sessions import PartyMember
from workers.session.calls.lookup_calls import LookupCalls
from workers.session.calls.party_calls import PartyCalls
from workers.session.party.current import CurrentParty


class PartyReader:
    def __init__(self, calls: PartyCalls, lookups: LookupCalls) -> None:
        self._calls = calls
        self._lookups = lookups
        self._log = structlog.get_logger("session")

    async def read(self, party: CurrentParty) -> PartyMember | None:
        """Read the party. Return our own entry, None if the party is not shown, or not with us.

        Raises the call's errors, and `PartyError` when we leave.
        """
        with party.collecting() as meanwhile:
            view = await party.scope.run(self._calls.party(party.session_id, party.cpss_id))
        return party.merge_view(view, meanwhile)

    async def add_names(self, party: CurrentParty) -> None:
        """Request the online ids that the table lacks, each once. A failure is not an error."""
        missing = party.missing_names()
        if not missing:
            return
        party.record_names_requested(missing)
        try:
            names = await party.scope.run(self._lookups.names(missing))
        except PsnError as error:
            self._log.info("no online ids", error=error.message)
            return
        party.table.add_names(names)
