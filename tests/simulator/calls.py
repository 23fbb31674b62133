"""Calls to the simulator that share no code with the product: what is sent can be bent at will."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp

from common.config.tables import PsnSettings
from common.psn.http.endpoints import SimulatorInfo

V2 = "/api/sessionManager/v2"
BO = ("2345678901234567890", "Bo-Streams")
"""Account id and online id of another person."""
NOVA = "7301928374650192837"
"""Of the demo party's owner."""
LINK_ID = "X-PSN-SESSION-MANAGER-CPSS-ID"
PATIENCE_S = 30.0
CONTEXT = "1c1c1c1c-0001-4002-8003-b0b1b2b3b4b5"
JOIN = {
    "members": [
        {
            "accountId": "me",
            "customData4": "WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0=",
            "platform": "me",
            "pushContexts": [{"contextId": CONTEXT}],
            "voiceChatActivated": True,
        }
    ]
}
CREATE = {
    "v2PartySessions": [
        {
            "joinableUserType": "INVITE_ONLY",
            "maxMembers": 16,
            **JOIN,
            "sessionName": "",
            "sessionType": "ROOM",
            "visibilityType": "INVITE_ONLY",
        }
    ]
}
LISTS = (f"{V2}/sys/", f"{V2}/users/", "/api/userProfile/", "/api/gamingLoungeGroups/")
"""Calls that carry x-psn headers; all others to m.np carry none."""


def list_headers() -> dict[str, str]:
    return {"x-psn-request-id": str(uuid.uuid4()), "x-psn-app-ver": "PlayStationApp-Android/26.1.0"}


LANGUAGE = {"X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE": "en-US"}
PSN = PsnSettings()


class Answer:
    def __init__(self, status: int, body: Any, headers: Any) -> None:
        self.status, self.body, self.headers = status, body, headers

    def __repr__(self) -> str:
        return f"{self.status} {self.body}"


class Calls:
    """Calls with one account's token."""

    def __init__(self, http: aiohttp.ClientSession, info: SimulatorInfo, npsso: str = "") -> None:
        self.http, self.info, self.npsso = http, info, npsso or info.npsso
        self.token: dict[str, Any] = {}

    async def raw(self, method: str, url: str, **more: Any) -> Answer:
        async with self.http.request(method, url, allow_redirects=False, **more) as response:
            text = await response.text()
            try:
                body = json.loads(text)
            except ValueError:
                body = text
            return Answer(response.status, body, response.headers)

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str | None] | None = None
    ) -> Answer:
        """Call m.np as one should; `headers` adds, replaces or (None) leaves out."""
        sent: dict[str, str | None] = {
            "Authorization": f"Bearer {self.token.get('access_token', '')}",
            **(list_headers() if path.startswith(LISTS) else {}),
            "Content-Type": "application/json; charset=utf-8",
            **(headers or {}),
        }
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        plain = {key: value for key, value in sent.items() if value is not None}
        return await self.raw(
            method, self.info.mobile_url + path, data=data, headers=plain, skip_auto_headers=["Content-Type"]
        )

    async def control(self, what: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        answer = await self.raw(method, f"{self.info.control_url}/{what}", json=body)
        assert answer.status == 200, answer
        return answer.body

    async def violations(self) -> list[str]:
        return [entry["reason"] for entry in await self.control("violations")]

    async def way(self, fact: str, way: str) -> None:
        """Let an undecided fact fall otherwise."""
        await self.control("ways", {"name": fact, "way": way})
