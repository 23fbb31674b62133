"""A client of the simulator that shares no code with the product: what it sends can be bent at will."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from common.config.tables import Psn
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
PSN = Psn()


class Answer:
    def __init__(self, status: int, body: Any, headers: Any) -> None:
        self.status, self.body, self.headers = status, body, headers

    def __repr__(self) -> str:
        return f"{self.status} {self.body}"


class Client:
    """One account's client. `push` holds the frames that came in."""

    def __init__(self, http: aiohttp.ClientSession, info: SimulatorInfo, npsso: str = "") -> None:
        self.http, self.info, self.npsso = http, info, npsso or info.npsso
        self.token: dict[str, Any] = {}
        self.push: list[dict[str, Any]] = []
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    # --- plain calls -----------------------------------------------------------------------------

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

    # --- sign in ---------------------------------------------------------------------------------

    def query(self, **more: str) -> dict[str, str]:
        return {
            "access_type": "offline",
            "cid": str(uuid.uuid4()),
            "client_id": PSN.client_id,
            "duid": "d" * 64,
            "redirect_uri": PSN.redirect_uri,
            "response_type": "code",
            "scope": PSN.scope,
            "service_entity": "urn:service-entity:psn",
            **more,
        }

    async def authorize(self, npsso: str | None = None, **query: str) -> Answer:
        return await self.raw(
            "GET",
            f"{self.info.account_url}/api/authz/v3/oauth/authorize",
            params=self.query(**query),
            headers={"Cookie": f"npsso={self.npsso if npsso is None else npsso}"},
        )

    async def code(self) -> str:
        answer = await self.authorize()
        assert answer.status == 302
        assert answer.headers["Location"].startswith(PSN.redirect_uri)
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    async def ask_token(self, *, secret: str = PSN.client_secret, correlation: str = "", **form: str) -> Answer:
        cid = str(uuid.uuid4())
        basic = base64.b64encode(f"{PSN.client_id}:{secret}".encode()).decode()
        return await self.raw(
            "POST",
            f"{self.info.account_url}/api/authz/v3/oauth/token",
            data={"token_format": "jwt", "cid": cid, **form},
            headers={"Authorization": f"Basic {basic}", "X-Psn-Correlation-Id": correlation or form.get("cid", cid)},
        )

    async def by_code(self, code: str, **more: Any) -> Answer:
        form = {"grant_type": "authorization_code", "redirect_uri": PSN.redirect_uri, "code": code}
        return await self.ask_token(**{**form, **more})

    async def by_refresh(self, token: str) -> Answer:
        return await self.ask_token(grant_type="refresh_token", refresh_token=token, scope=PSN.scope)

    async def sign_in(self) -> Client:
        answer = await self.by_code(await self.code())
        assert answer.status == 200, answer
        self.token = answer.body
        return self

    @property
    def account_id(self) -> str:
        payload = self.token["access_token"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["account_id"]

    # --- push ------------------------------------------------------------------------------------

    async def serveraddr(self, version: str = "3.0", kind: int = 6) -> Answer:
        return await self.raw(
            "GET",
            f"{self.info.push_url}/np/serveraddr",
            params={"version": version, "fields": "keepAliveStatus", "keepAliveStatusType": str(kind)},
            headers={"Authorization": f"Bearer {self.token['access_token']}"},
        )

    async def connect(
        self,
        protocol: str = "3.0",
        *,
        subprotocols: tuple[str, ...] = ("np-pushpacket",),
        autoping: bool = True,
        **headers: str,
    ) -> aiohttp.ClientWebSocketResponse:
        fqdn = (await self.serveraddr()).body["fqdn"]
        sent = {
            "Authorization": f"Bearer {self.token['access_token']}",
            "X-PSN-APP-TYPE": "MOBILE_APP.PSAPP",
            "X-PSN-APP-VER": "26.1.0",
            "X-PSN-OS-VER": "14",
            "X-PSN-PROTOCOL-VERSION": protocol,
            "X-PSN-KEEP-ALIVE-STATUS-TYPE": "6" if protocol == "3.0" else "3",
            "X-PSN-RECONNECTION": "false",
            **headers,
        }
        url = self.info.push_socket_url.replace("{fqdn}", fqdn)
        return await self.http.ws_connect(url, protocols=subprotocols, headers=sent, autoping=autoping)

    def authorising(self, **more: Any) -> dict[str, Any]:
        return {
            "version": "3.0",
            "method": 1003,
            "tranId": "12",
            "accountId": int(self.account_id),
            "status": "active",
            "auth": {"accessToken": self.token["access_token"]},
            **more,
        }

    def status(self, kind: int = 3, **more: Any) -> dict[str, Any]:
        return {"version": "3.0", "method": 1007, "tranId": "13", "keepAliveStatusType": kind, **more}

    async def open_push(self, *, kind: int = 3, **headers: str) -> Client:
        """Open a 3.0 channel as the app does before it joins: 1003, then 1007 to voice chat, each answered."""
        self.socket = await self.connect(**headers)
        await self.told(self.socket, self.authorising())
        if kind != 6:
            await self.told(self.socket, self.status(kind))
        self._reader = asyncio.create_task(self._read(self.socket))
        return self

    async def told(self, socket: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> dict[str, Any]:
        """Send a frame and return its answer; events that come before it are kept."""
        await socket.send_json(frame)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = json.loads(await self._data(socket))
                if found["method"] == frame["method"]:
                    return found
                self.push.append(found)

    async def _data(self, socket: aiohttp.ClientWebSocketResponse) -> str | bytes:
        message = await socket.receive()
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        return message.data

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self.push.append(json.loads(message.data))
            self._news.set()

    async def event(self, data_type: str, **conditions: Any) -> dict[str, Any]:
        """Return the first event whose dataType ends so, and take it out."""

        def fits(frame: dict[str, Any]) -> bool:
            sender = frame["body"]["data"]["customProperties"]["from"]
            return frame["dataType"].endswith(data_type) and all(sender.get(k) == v for k, v in conditions.items())

        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = next((frame for frame in self.push if fits(frame)), None)
                if found is not None:
                    self.push.remove(found)
                    return found
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close(code=4101)
        if self._reader is not None:
            await self._reader

    # --- parties ---------------------------------------------------------------------------------

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

    async def way(self, fact: str, way: str) -> None:
        """Let an undecided fact fall otherwise."""
        await self.control("ways", {"name": fact, "way": way})

    async def another(self, account_id: str, online_id: str, **more: Any) -> Client:
        """Return a signed-in client of another account, made for it."""
        made = await self.control("accounts", {"accountId": account_id, "onlineId": online_id, **more})
        return await Client(self.http, self.info, made["npsso"]).sign_in()
