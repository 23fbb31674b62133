"""A sign-in, step by step."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.simulator.calls import PSN, Answer, Calls


class SignIn(Calls):
    """Signs one account in."""

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

    async def sign_in(self) -> Self:
        answer = await self.by_code(await self.code())
        assert answer.status == 200, answer
        self.token = answer.body
        return self

    @property
    def account_id(self) -> str:
        payload = self.token["access_token"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["account_id"]
