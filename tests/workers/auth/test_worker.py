from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from common.errors import SignInError
from common.files.paths import CHECKOUT
from common.messages import AuthState
from common.psn.http.client import fingerprint
from common.requests import AccessToken, SignIn, SignOut, WhoAmI
from tests.common.psn.rig import Rig, real, rig


@pytest.fixture
async def demo(home: Path) -> AsyncIterator[Rig]:
    async with rig(home) as made:
        made.up("broker", "simulator", "auth")
        await made.until(lambda: any(state.online_id for state in made.all(AuthState)), "auth is signed in")
        yield made


def sign_in_once(made: Rig, env: dict[str, str], pasted: str) -> tuple[int, dict[str, Any], str]:
    return once(made, env, "sign-in", "--npsso-file", "-", pasted=pasted)


def once(made: Rig, env: dict[str, str], *words: str, pasted: str = "") -> tuple[int, dict[str, Any], str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARTYLINE_")}
    done = subprocess.run(
        [sys.executable, "-m", "workers.auth", *words],
        input=pasted,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={**clean, "PARTYLINE_HOME": str(made.home), **env},
        timeout=60,
        check=False,
    )
    (line,) = done.stdout.splitlines()
    return done.returncode, json.loads(line), done.stdout + done.stderr


async def test_the_demo_account_signs_in_by_itself_and_gives_its_token(demo: Rig) -> None:
    state = demo.now(AuthState)
    assert state is not None
    assert (state.state, state.realm) == ("signed_in", "simulator")
    token = await demo.bus.request(AccessToken(), 20)
    assert token.account_id == state.account_id
    assert len(bytes.fromhex(token.duid)) == 32
    said = str(demo.heard) + demo.processes["auth"].output
    assert token.access_token not in said
    assert demo.info()["npsso"] not in said


async def test_a_killed_auth_picks_its_tokens_up_without_any_call(demo: Rig) -> None:
    before = await demo.bus.request(AccessToken(), 20)
    calls = await demo.calls()
    demo.again("auth")
    assert await demo.bus.request(AccessToken(), 30) == before
    assert await demo.calls() == calls


async def test_a_refused_token_is_refreshed_once_whoever_asks(demo: Rig) -> None:
    before = await demo.bus.request(AccessToken(), 20)
    await demo.control("expire-tokens", {})
    rejected = fingerprint(before.access_token)
    first = await demo.bus.request(AccessToken(rejected=rejected), 20)
    second = await demo.bus.request(AccessToken(rejected=rejected), 20)
    assert first == second
    assert first.access_token != before.access_token
    assert sum(call.endswith("/token") for call in await demo.calls()) == 2


async def test_a_simulator_that_forgot_us_gets_a_new_sign_in(demo: Rig) -> None:
    before = await demo.bus.request(AccessToken(), 20)
    port = demo.info()["mobile_url"]
    demo.processes["simulator"].kill()
    demo.paths.simulator_file.unlink()
    demo.up("simulator")
    await demo.until(demo.paths.simulator_file.exists, f"another simulator than {port} is up")
    after = await demo.bus.request(AccessToken(rejected=fingerprint(before.access_token)), 30)
    assert after.access_token != before.access_token
    assert demo.now(AuthState).state in ("signed_in", "refreshing")  # type: ignore[union-attr]


async def test_a_sign_in_while_the_pipeline_is_down_is_found_when_it_comes_up(demo: Rig) -> None:
    env, npsso = real(demo), demo.info()["npsso"]
    status, answer, _ = sign_in_once(demo, env, npsso)
    assert (status, answer["ok"]) == (1, False)
    assert "running" in answer["message"]
    demo.processes["auth"].stop()
    status, answer, said = sign_in_once(demo, env, json.dumps({"npsso": npsso}))
    assert (status, answer["ok"]) == (0, True), said
    assert answer["online_id"]
    assert npsso not in said
    calls = await demo.calls()
    demo.up("auth", env=env)
    await demo.until(
        lambda: demo.now(AuthState).realm == "playstation" and demo.now(AuthState).state == "signed_in",  # type: ignore[union-attr]
        "the stored sign-in is taken up",
    )
    assert await demo.calls() == calls


@pytest.mark.parametrize("pasted", ["", "hello there", "x" * 64, '{"error_code":20}'])
async def test_a_wrong_paste_is_said_in_one_line_with_a_remedy(demo: Rig, pasted: str) -> None:
    demo.processes["auth"].stop()
    status, answer, _ = sign_in_once(demo, real(demo), pasted)
    assert (status, answer["ok"]) == (1, False)
    assert answer["message"]
    assert answer["remedy"]


async def test_in_the_real_realm_nobody_is_signed_in_until_somebody_signs_in(home: Path) -> None:
    async with rig(home) as made:
        made.up("broker", "simulator")
        await made.until(made.paths.simulator_file.exists, "the simulator is up")
        made.up("auth", env=real(made))
        with pytest.raises(SignInError) as caught:
            await made.bus.request(AccessToken(), 30)
        assert "login" in caught.value.remedy
        with pytest.raises(SignInError):
            await made.bus.request(SignIn(pasted="no"), 30)
        state = await made.bus.request(SignIn(pasted=made.info()["npsso"]), 30)
        assert (state.state, state.realm) == ("signed_in", "playstation")
        assert state.online_id
        assert (await made.bus.request(AccessToken(), 30)).account_id == state.account_id


async def test_signing_out_forgets_the_tokens_here_and_after_a_restart(home: Path) -> None:
    async with rig(home) as made:
        made.up("broker", "simulator")
        await made.until(made.paths.simulator_file.exists, "the simulator is up")
        env, npsso = real(made), made.info()["npsso"]
        made.up("auth", env=env)
        state = await made.bus.request(SignIn(pasted=npsso), 30)
        file = made.paths.secrets / "tokens-playstation.json"
        who = await made.bus.request(WhoAmI(), 30)
        assert (who.auth.account_id, who.store, who.file) == (state.account_id, "file", str(file))
        assert who.auth.refresh_expires_at == pytest.approx(time.time() + 10 * 86_400, abs=120)
        status, answer, _ = once(made, env, "sign-out")
        assert (status, answer["ok"]) == (1, False)
        await made.bus.request(SignOut(), 30)
        assert not file.exists()
        await made.until(lambda: made.now(AuthState).state == "signed_out", "it is said")  # type: ignore[union-attr]
        with pytest.raises(SignInError, match="Nobody"):
            await made.bus.request(AccessToken(), 30)
        made.again("auth", env=env)
        who = await made.bus.request(WhoAmI(), 30)
        assert (who.auth.state, who.auth.account_id, who.store) == ("signed_out", "", "")


async def test_without_a_pipeline_it_is_told_who_is_signed_in_and_that_one_is_signed_out(demo: Rig) -> None:
    env = real(demo)
    demo.processes["auth"].stop()
    assert sign_in_once(demo, env, demo.info()["npsso"])[0] == 0
    status, answer, said = once(demo, env, "whoami")
    assert status == 0
    assert (answer["who"]["auth"]["state"], answer["who"]["store"]) == ("signed_in", "file")
    assert answer["who"]["auth"]["online_id"]
    assert "eyJ" not in said
    assert once(demo, env, "sign-out")[0] == 0
    assert not (demo.paths.secrets / "tokens-playstation.json").exists()
    assert once(demo, env, "whoami")[1]["who"]["auth"]["state"] == "signed_out"


async def test_signing_out_from_within_the_simulator_forgets_the_real_sign_in_and_keeps_the_demo(demo: Rig) -> None:
    env = {"PARTYLINE_AUTH__STORE": "file"}
    demo.processes["auth"].stop()
    assert sign_in_once(demo, real(demo), demo.info()["npsso"])[0] == 0
    demo.up("auth", env=env)
    before = await demo.bus.request(AccessToken(), 30)
    await demo.bus.request(SignOut(), 30)
    assert not (demo.paths.secrets / "tokens-playstation.json").exists()
    assert await demo.bus.request(AccessToken(), 30) == before
