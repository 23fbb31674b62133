from __future__ import annotations

import asyncio

import pytest

from common.config.machine_tables import SimulatorSettings
from common.config.tables import PsnSettings, Settings
from common.psn.errors import RefusedError, UnreachableError
from common.psn.http.client import fingerprint
from tests.workers.auth.parts import Parts
from tests.workers.auth.sign_in.test_refresh_schedule import DAY, tokens
from workers.auth.sign_in.demo_sign_in import RETRY_S, is_wanted


def invalid_grant() -> RefusedError:
    return RefusedError("no", status=400, details={"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("realm", "demo", "wanted"), [("simulator", True, True), ("simulator", False, False), ("playstation", True, False)]
)
def test_the_demo_is_signed_in_within_the_simulators_network_only(realm: str, demo: bool, wanted: bool) -> None:
    assert is_wanted(Settings(psn=PsnSettings(realm=realm), simulator=SimulatorSettings(demo=demo))) is wanted  # type: ignore[arg-type]


async def test_it_waits_for_a_simulator_and_then_signs_in_to_its_account() -> None:
    parts = await Parts(demo=True).loaded()
    parts.host.npsso = ""
    assert await parts.policy.sign_in() == RETRY_S
    assert parts.health == ["starting waiting for the simulator"]
    assert not parts.problems
    parts.host.npsso = "offered"
    await parts.policy.sign_in()
    assert parts.sign_in.tokens is not None
    assert parts.sign_in.tokens.account_id == "offered"
    assert parts.sign_in.error is None


async def test_a_failed_sign_in_is_a_problem_and_backs_off() -> None:
    parts = await Parts(demo=True).loaded()
    parts.host.fault = UnreachableError("gone")
    waits = [await parts.policy.sign_in() for _ in range(6)]
    assert waits[-1] > waits[0]
    assert list(parts.problems) == ["psn.unreachable"]
    parts.host.fault = None
    await parts.policy.sign_in()
    assert not parts.problems


async def test_a_refused_refresh_signs_in_again_before_the_token_is_issued() -> None:
    parts = await Parts(tokens(), demo=True).loaded()
    parts.host.fault = invalid_grant()

    async def work_again() -> None:
        if parts.host.calls[-1] == "sign_in":
            parts.host.fault = None

    parts.host.before_answer = work_again
    token = await parts.issuer.token(fingerprint("a-secret"))
    assert parts.host.calls == ["refresh", "sign_in"]
    assert token.access_token == "a-2"
    assert not parts.problems


async def test_a_request_waits_for_the_first_sign_in() -> None:
    parts = await Parts(demo=True).loaded()
    waiting = asyncio.create_task(parts.policy.ready())
    await asyncio.sleep(0)
    assert not waiting.done()
    await parts.policy.sign_in()
    await asyncio.wait_for(waiting, 5)


async def test_neither_its_end_nor_a_sign_out_concerns_it() -> None:
    parts = await Parts(tokens(), demo=True).loaded()
    parts.policy.check_end(tokens(), 1000 + 9.9 * DAY)
    await parts.policy.sign_out()
    assert not parts.problems
    assert parts.sign_in.tokens == tokens()
