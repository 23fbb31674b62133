"""A client of the simulator that shares no code with the product: what it sends can be bent at will."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.simulator.calls import BO, CONTEXT, CREATE, JOIN, LANGUAGE, LINK_ID, NOVA, PATIENCE_S, PSN, V2, Answer
from tests.simulator.push_channel import PushChannel
from tests.support.waiting import until

__all__ = [
    "BO",
    "CONTEXT",
    "CREATE",
    "JOIN",
    "LANGUAGE",
    "LINK_ID",
    "NOVA",
    "PATIENCE_S",
    "PSN",
    "V2",
    "Answer",
    "Client",
]


class Client(PushChannel):
    """One account's client."""

    async def join(self, session_id: str = "", **headers: str) -> Answer:
        return await self.call(
            "POST", f"{V2}/partySessions/{session_id or self.info.session_id}/members", JOIN, headers
        )

    async def create(self, **more: Any) -> str:
        body = {"v2PartySessions": [{**CREATE["v2PartySessions"][0], **more}]}
        answer = await self.call("POST", f"{V2}/partySessions", body, LANGUAGE)
        assert answer.status == 201, answer
        return answer.body["v2PartySessions"][0]["sessionId"]

    async def leave(self, session_id: str = "") -> Answer:
        path = f"{V2}/partySessions/{session_id or self.info.session_id}/members/me"
        return await self.call("DELETE", path, headers={"Content-Type": None})

    async def view(self, session_id: str = "", version: str = "v3", **headers: str) -> Answer:
        ids = {"X-PSN-SESSION-MANAGER-SESSION-IDS": session_id or self.info.session_id, "Content-Type": None}
        return await self.call("GET", f"{V2}/partySessions?view={version}", headers={**ids, **headers})

    async def party(self, session_id: str = "") -> dict[str, Any]:
        """Return a party as its view shows it."""
        return (await self.view(session_id)).body["v2PartySessions"][0]

    async def name(self, *account_ids: str, session_id: str = "") -> Answer:
        """Tell customData3 as the app does: who the others are."""
        lines = [session_id or self.info.session_id, *(one.rjust(21, "0") for one in account_ids)]
        told = base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()
        path = f"{V2}/partySessions/{session_id or self.info.session_id}/members/me"
        return await self.call("PATCH", path, {"customData3": told})

    async def until(self, condition: Callable[[Any], Any], of: str = "state") -> Any:
        """Wait until a view of the control API fits; return what `condition` returned."""

        async def fits() -> Any:
            return condition(await self.control(of))

        return await until(fits, f"the simulator's {of} fits", every_s=0.02)

    async def another(self, account_id: str, online_id: str, **more: Any) -> Client:
        """Return a signed-in client of another account, made for it."""
        made = await self.control("accounts", {"accountId": account_id, "onlineId": online_id, **more})
        return await Client(self.http, self.info, made["npsso"]).sign_in()
