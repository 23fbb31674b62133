from __future__ import annotations

import base64
import json
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.client import PSN


async def test_a_code_gives_tokens_with_the_claims_of_a_real_one(simulated, wire):
    async with simulated() as client:
        answer = await client.by_code(await client.code())
        assert answer.status == 200
        assert answer.body.keys() == json.loads(wire("token.response.json")).keys()
        assert answer.body["expires_in"] == 3599
        assert 863_000 < answer.body["refresh_token_expires_in"] <= 864_000
        payload = answer.body["access_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        assert {
            "account_id",
            "account_uuid",
            "client_id",
            "device_type",
            "dcim_id",
            "env_iss_id",
            "exp",
            "iat",
        } <= claims.keys()
        assert {"grant_type", "is_child", "iss", "jti", "legal_country", "locale", "ver"} <= claims.keys()
        assert await client.violations() == []


async def test_a_code_is_for_one_use(simulated):
    async with simulated() as client:
        code = await client.code()
        assert (await client.by_code(code)).status == 200
        again = await client.by_code(code)
        assert (again.status, again.body["error"]) == (400, "invalid_grant")


async def test_without_a_session_the_browser_is_sent_to_sign_in(simulated):
    async with simulated() as client:
        answer = await client.authorize(npsso="x" * 64)
        said = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert answer.status == 302
        assert (said["error"], said["error_code"]) == (["login_required"], ["4165"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("client_id", "other"),
        ("redirect_uri", "http://localhost/"),
        ("response_type", "token"),
        ("access_type", "online"),
        ("scope", "psn:mobile.v1"),
    ],
)
async def test_authorize_takes_no_other_parameters(simulated, key, value):
    async with simulated() as client:
        assert (await client.authorize(**{key: value})).status == 400
        assert await client.violations()


async def test_the_token_call_is_held_to_its_form(simulated):
    async with simulated() as client:
        code = await client.code()
        assert (await client.by_code(code, secret="wrong")).status == 401
        assert (await client.by_code(code, correlation=str(uuid.uuid4()))).status == 400
        assert (await client.by_code(code, token_format="opaque")).status == 400
        assert (await client.by_code(code, grant_type="password")).status == 400
        cid = str(uuid.uuid4())
        assert (await client.by_code(code, cid=cid)).status == 200
        assert (await client.by_code(await client.code(), cid=cid)).status == 400
        assert len(await client.violations()) == 5


@pytest.mark.parametrize("way", ["same", "rotates"])
async def test_a_refresh_gives_a_new_access_token_and_no_longer_life(simulated, way):
    async with simulated(ways={"account.refresh-same": way}) as client:
        await client.sign_in()
        first = client.token
        answer = await client.by_refresh(first["refresh_token"])
        assert answer.status == 200
        assert answer.body["access_token"] != first["access_token"]
        assert (answer.body["refresh_token"] == first["refresh_token"]) == (way == "same")
        assert answer.body["refresh_token_expires_in"] <= first["refresh_token_expires_in"]
        refused = await client.by_refresh("nonsense")
        assert (refused.status, refused.body["error"]) == (400, "invalid_grant")


async def test_the_sign_in_page_leads_to_the_npsso(simulated):
    async with simulated() as client:
        base = client.info.account_url
        assert (await client.raw("GET", f"{base}/api/v1/ssocookie")).body["error_code"] == 20
        page = await client.raw("GET", f"{base}/signin/")
        account = page.body.split('<option value="')[1].partition('"')[0]
        done = await client.raw("POST", f"{base}/signin/", data={"account": account})
        cookie = done.headers["Set-Cookie"].partition(";")[0]
        shown = await client.raw("GET", f"{base}/api/v1/ssocookie", headers={"Cookie": cookie})
        assert shown.body == {"npsso": client.info.npsso}
        assert len(client.info.npsso) == 64


async def test_an_expired_access_token_is_a_401_and_its_refresh_helps(simulated):
    async with simulated() as client:
        await client.sign_in()
        me = f"{client.info.dms_url}/api/v1/devices/accounts/me"

        async def who() -> tuple[int, object]:
            bearer = {"Authorization": f"Bearer {client.token['access_token']}"}
            answer = await client.raw("GET", me, headers=bearer)
            return answer.status, answer.body

        assert await who() == (200, {"accountId": client.account_id})
        await client.control("expire-tokens", {})
        status, body = await who()
        assert status == 401
        assert body["error"].keys() == {"referenceId", "code", "message"}
        client.token = (await client.by_refresh(client.token["refresh_token"])).body
        assert (await who())[0] == 200


async def test_a_token_outlives_a_restart_of_the_simulator(simulated):
    async with simulated() as client:
        await client.sign_in()
        token = client.token
    async with simulated() as client:
        client.token = token
        assert (await client.serveraddr()).status == 200
        assert (await client.by_refresh(token["refresh_token"])).status == 200


async def test_exp_is_honoured(simulated):
    async with simulated(access_life_s=0.0) as client:
        await client.sign_in()
        assert (await client.serveraddr()).status == 401
        assert PSN.client_secret not in str(await client.control("violations"))
