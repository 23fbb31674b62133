"""What is wrong with a paste is said as what it is: by its looks, by PlayStation's answer, and by the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from common.config.tables import PsnSettings
from common.errors import PartylineError, SignInError
from common.files.paths import CHECKOUT, Paths
from common.messages import AuthState
from common.psn.account import paste, sign_in_errors
from common.psn.http.client import fingerprint
from common.requests import AccessToken, SignIn, WhoAmI
from tests.common.psn.http.server import Scripted, json_answer, scripted, settings
from tests.common.psn.rig import Rig, real, rig
from workers.auth.sign_in.account_client import AccountClient

PSN = PsnSettings()
NPSSO = "aB3" * 21 + "x"
REDIRECT = "com.scee.psxandroid.scecompcall://redirect"
SIGN_IN_PAGE = "https://my.account.sony.com/sonyacct/signin/"


def kind(error: PartylineError) -> str:
    return error.code.removeprefix("auth.sign-in.")


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("", "empty"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "wrong-page"),
        ("<html>", "wrong-page"),
        ("ava@example.com", "wrong-page"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl", "wrong-page"),
        ('{"accountId":"1","onlineId":"Ava"}', "wrong-page"),
        ("[1, 2]", "wrong-page"),
        ("not one word", "wrong-page"),
        ("https://www.playstation.com/en-us/", "wrong-page"),
        ("https://ca.account.sony.com/api/v1/ssocookie", "wrong-page"),
        ('{"npsso":"' + NPSSO[:30], "cut-off"),
        ('{"error":"invalid_grant","error_description":"Invalid login","error_code":20}', "not-signed-in"),
        (f"{REDIRECT}", "no-code"),
        (f"{REDIRECT}?cid=1-2-3", "no-code"),
        (f"{REDIRECT}/?code=&cid=1", "no-code"),
        ("com.playstation.PlayStationApp://redirect?code=v3.abcdef", "other-client"),
        ("https://remoteplay.dl.playstation.net/remoteplay/redirect?code=v3.abcdef&cid=1", "other-client"),
        (f"{REDIRECT}?code=v3.abcdef&client_id=ac8d161a-d966-4728-b0ea-ffec22f69edc", "other-client"),
        (f"{REDIRECT}?error=login_required&error_code=4165", "expired"),
    ],
)
def test_a_wrong_paste_is_named_by_its_looks(pasted: str, expected: str) -> None:
    with pytest.raises(SignInError) as caught:
        paste.read_paste(pasted, PSN)
    assert kind(caught.value) == expected
    assert caught.value.code in sign_in_errors.CODES
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")


@pytest.mark.parametrize("pasted", [f'npsso\t"{NPSSO}"', f"npsso: {NPSSO}", f"npsso={NPSSO};", f'"npsso": "{NPSSO}"'])
def test_an_npsso_is_taken_as_a_browsers_json_view_copies_it(pasted: str) -> None:
    assert paste.read_paste(pasted, PSN) == paste.Npsso(NPSSO)


# --- what PlayStation answers ------------------------------------------------------------------------


@pytest.fixture
async def host() -> AsyncIterator[Scripted]:
    async with scripted() as server:
        yield server


@pytest.fixture
async def account(home: Path, host: Scripted) -> AsyncIterator[AccountClient]:
    made = AccountClient(settings(host.url, retries=1), Paths(home))
    yield made
    await made.close()


def sent_to(location: str) -> Callable[[], web.Response]:
    return lambda: web.Response(status=302, headers={"Location": location})


def page(status: int, **headers: str) -> Callable[[], web.Response]:
    return lambda: web.Response(status=status, text="<html>Denied</html>", content_type="text/html", headers=headers)


def oauth_says(name: str, words: str, status: int = 400) -> Callable[[], web.Response]:
    return json_answer(status, {"error": name, "error_description": words, "error_code": 4100})


async def refused(account: AccountClient, pasted: str) -> SignInError:
    with pytest.raises(SignInError) as caught:
        await account.sign_in(pasted, 1000.0)
    assert caught.value.remedy
    assert caught.value.code in sign_in_errors.CODES
    return caught.value


GOOD = sent_to(f"{REDIRECT}?code=v3.abcdef&cid=1")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([sent_to(f"{SIGN_IN_PAGE}?error=login_required&error_code=4165")], "expired"),
        ([sent_to(f"{SIGN_IN_PAGE}?error=interaction_required&error_description=Terms+of+use&error_code=1")], "terms"),
        ([sent_to(f"{SIGN_IN_PAGE}?error=login_required&error_description=new+terms&error_code=4165")], "terms"),
        ([sent_to("https://my.account.sony.com/terms-of-service")], "terms"),
        ([sent_to("https://my.account.sony.com/sonyacct/mfa")], "refused"),
        ([page(429)], "rate"),
        ([json_answer(429, {"error": {"message": "slow"}}, {"Retry-After": "3000"})], "rate"),
        ([page(403)], "blocked"),
        ([GOOD, page(429)], "rate"),
        ([GOOD, page(403)], "blocked"),
        ([GOOD, oauth_says("invalid_grant", "Invalid authorization code")], "refused"),
        ([GOOD, oauth_says("invalid_grant", "Redirect URI mismatch")], "other-client"),
        ([GOOD, oauth_says("invalid_client", "Bad client credentials", 401)], "client"),
    ],
)
async def test_what_playstation_refuses_is_named_by_its_answer(
    account: AccountClient, host: Scripted, answers: list[Any], expected: str
) -> None:
    host.script(*answers)
    assert kind(await refused(account, NPSSO)) == expected


async def test_a_pasted_code_that_is_refused_was_used_or_has_expired(account: AccountClient, host: Scripted) -> None:
    host.script(oauth_says("invalid_grant", "Invalid authorization code"))
    assert kind(await refused(account, f"{REDIRECT}?code=v3.abcdef")) == "used"


async def test_a_code_is_traded_once_and_its_second_paste_is_not_even_sent(
    account: AccountClient, host: Scripted
) -> None:
    token = {"access_token": "eyJ.e30.x", "expires_in": 60, "refresh_token": "r"}
    host.script(json_answer(200, token), json_answer(200, {"accountId": "7"}))
    assert (await account.sign_in(f"{REDIRECT}?code=v3.abcdef", 0.0)).account_id == "7"
    calls = len(host.asked)
    error = await refused(account, "v3.abcdef")
    assert (kind(error), "used already" in error.message) == ("used", True)
    assert len(host.asked) == calls


async def test_an_npsso_of_an_unusual_length_is_doubted_only_when_it_was_refused(
    account: AccountClient, host: Scripted
) -> None:
    host.script(sent_to(f"{SIGN_IN_PAGE}?error=login_required&error_code=4165"))
    error = await refused(account, NPSSO[:-1])
    assert kind(error) == "cut-off"
    assert "63 characters" in error.message


async def test_the_wait_that_a_rate_limit_names_is_passed_on_and_no_further_call_is_made(
    account: AccountClient, host: Scripted
) -> None:
    host.script(json_answer(429, {}, {"Retry-After": "3000"}))
    assert "Wait 50 minutes" in (await refused(account, NPSSO)).remedy
    await refused(account, NPSSO)
    assert len(host.asked) == 1


# --- the simulator -----------------------------------------------------------------------------------


@pytest.fixture
async def demo(home: Path) -> AsyncIterator[Rig]:
    """The simulator's realm, with auth signed in there."""
    async with rig(home) as made:
        made.up("broker", "simulator")
        await made.until(made.paths.simulator_file.exists, "the simulator is up")
        urls = {key: value for key, value in real(made).items() if not key.endswith("REALM")}
        made.up("auth", env=urls)
        await made.until(lambda: any(state.online_id for state in made.all(AuthState)), "auth is signed in")
        yield made


def signed_out_page(made: Rig) -> str:
    try:
        urllib.request.urlopen(f"{made.info()['account_url']}/api/v1/ssocookie", timeout=20)
    except urllib.error.HTTPError as error:
        return error.read().decode()
    raise AssertionError("the simulator knows us without a cookie")


async def test_the_simulator_refuses_each_wrong_paste_for_its_own_reason_and_its_realm_goes_on(demo: Rig) -> None:
    before = await demo.bus.request(AccessToken(), 20)
    authorize = "/account/api/authz/v3/oauth/authorize"
    terms = f"{SIGN_IN_PAGE}?error=interaction_required&error_description=Terms+of+use&error_code=1"
    cases: list[tuple[str, str, dict[str, Any] | None]] = [
        ("x" * 64, "expired", None),
        (signed_out_page(demo), "not-signed-in", None),
        (f"{REDIRECT}?code=v3.never1", "used", None),
        (NPSSO, "terms", {"path": authorize, "status": 302, "headers": {"Location": terms}}),
        (NPSSO, "blocked", {"path": authorize, "status": 403, "html": True}),
    ]
    for pasted, expected, fault in cases:
        if fault:
            await demo.control("faults", fault)
        with pytest.raises(SignInError) as caught:
            await demo.bus.request(SignIn(pasted=pasted, realm="playstation"), 30)
        assert kind(caught.value) == expected
    assert await demo.bus.request(AccessToken(), 20) == before
    who = await demo.bus.request(WhoAmI(), 20)
    assert (who.auth.realm, who.auth.state) == ("simulator", "signed_in")
    assert not (demo.paths.secrets / "tokens-playstation.json").exists()
    assert {state.realm for state in demo.all(AuthState)} == {"simulator"}


async def test_a_sign_in_from_within_the_simulator_is_found_by_an_auth_of_the_real_realm(demo: Rig) -> None:
    before = await demo.bus.request(AccessToken(), 20)
    npsso = json.dumps({"npsso": demo.info()["npsso"]})
    state = await demo.bus.request(SignIn(pasted=npsso, realm="playstation"), 30)
    assert (state.realm, state.state) == ("playstation", "signed_in")
    assert state.online_id
    assert await demo.bus.request(AccessToken(), 20) == before
    assert {state.realm for state in demo.all(AuthState)} == {"simulator"}
    calls = await demo.calls()
    demo.again("auth", env=real(demo))
    after = await demo.bus.request(AccessToken(), 30)
    assert fingerprint(after.access_token) != fingerprint(before.access_token)
    assert await demo.calls() == calls


async def test_login_without_a_pipeline_turns_the_settings_only_after_the_sign_in(demo: Rig) -> None:
    demo.processes["auth"].stop()
    urls = {key: value for key, value in real(demo).items() if not key.endswith("REALM")}
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    env = {**clean, **urls, "PARTYLINE_HOME": str(demo.home), "PARTYLINE_CONF": str(demo.home / "none.conf")}

    def login(pasted: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", "login", "--npsso-file", "-"],
            input=pasted, capture_output=True, text=True, cwd=CHECKOUT, env=env, timeout=60, check=False,
        )  # fmt: skip

    refused = login("x" * 64)
    assert refused.returncode == 1
    assert "The pipeline still uses the simulator." in refused.stderr
    assert not demo.paths.settings_file.exists()
    signed_in = login(demo.info()["npsso"])
    assert signed_in.returncode == 0, signed_in.stderr
    assert "The sign-in is valid for at most 10 days." in signed_in.stdout
    assert 'realm = "playstation"' in demo.paths.settings_file.read_text()
