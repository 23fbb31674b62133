"""The API calls about a bridge, as the app makes them. Each raises what `PsnClient.call` raises."""

from __future__ import annotations

from typing import Any

from common.psn.http.client import Answer, Call, PsnClient
from common.psn.party import bridges, sessions
from common.psn.party.bridges import BridgeRef

FAREWELL_S = 3.0
"""The limit of a call that only cleans up."""
FAREWELL: dict[str, Any] = {"urgent": True, "attempts": 1, "timeout_s": FAREWELL_S}


class BridgeCalls:
    def __init__(self, http: PsnClient, title_id: str) -> None:
        self._http = http
        self._title_id = title_id
        self._cpss_id = ""

    def use_share_link(self, cpss_id: str) -> None:
        """Send the id of the share link that led to the party with the view [seen]. Empty if there was none."""
        self._cpss_id = cpss_id

    # --- the party ---------------------------------------------------------------------------------

    async def of_party(self, session_id: str, **more: Any) -> list[BridgeRef]:
        headers = {sessions.SESSION_IDS_HEADER: session_id}
        headers |= {sessions.CPSS_ID_HEADER: self._cpss_id} if self._cpss_id else {}
        view = await self._http.call(Call("GET", "mobile", bridges.VIEW_PATH, headers=headers, **more))
        return bridges.read_view(view.data, session_id)

    async def link(self, session_id: str, ref: BridgeRef) -> None:
        path = bridges.link_path(session_id)
        await self._http.call(Call("POST", "mobile", path, bridges.link_body(ref), headers=bridges.IGNORE_CONFLICT))

    async def unlink(self, session_id: str, ref: BridgeRef) -> None:
        path = bridges.unlink_path(session_id, ref.bridge_id)
        await self._http.call(Call("DELETE", "mobile", path, headers=bridges.if_match(ref.etag), **FAREWELL))

    # --- the bridge --------------------------------------------------------------------------------

    async def create(self) -> BridgeRef:
        return bridges.read_created((await self._call("POST", bridges.BASE, "", {})).data)

    async def add_peer(self, ref: BridgeRef) -> tuple[str, str]:
        """Return (peer id, the bridge's offer)."""
        answer = await self._call("POST", bridges.peers_path(ref.bridge_id), ref.token, bridges.media_body())
        return bridges.read_peer(answer.data)

    async def answer(self, ref: BridgeRef, peer_id: str, sdp: str) -> None:
        path = bridges.peer_path(ref.bridge_id, peer_id, "/answer")
        await self._call("POST", path, ref.token, bridges.answer_body(sdp))

    async def renew(self, ref: BridgeRef, peer_id: str) -> str:
        """Return a new offer for our peer."""
        path = bridges.peer_path(ref.bridge_id, peer_id, "/offer")
        return bridges.read_offer((await self._call("POST", path, ref.token, bridges.media_body())).data)

    async def peers(self, ref: BridgeRef) -> list[str]:
        return bridges.read_peers((await self._call("GET", bridges.listed_path(ref.bridge_id), ref.token)).data)

    async def remove_peer(self, ref: BridgeRef, peer_id: str) -> None:
        await self._call("DELETE", bridges.peer_path(ref.bridge_id, peer_id), ref.token, **FAREWELL)

    async def end(self, ref: BridgeRef) -> None:
        await self._call("DELETE", bridges.bridge_path(ref.bridge_id), ref.token, **FAREWELL)

    async def _call(self, method: str, path: str, token: str, body: Any = None, **more: Any) -> Answer:
        return await self._http.call(
            Call(method, "mobile", path, body, headers=bridges.headers(self._title_id, token), **more)
        )
