"""auth under a clock that jumps, sleeps and is set back, and answers that come when nobody wants them any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.config.tables import AuthSettings, PsnSettings, Settings
from common.errors import SignInError
from common.files.paths import Paths
from common.messages import AuthState, Problem
from common.psn.errors import RefusedError, UnreachableError
from common.requests import AccessToken, SignOut
from common.run.wake import Wake
from tests.support.waiting import until
from tests.workers.auth.sign_in.test_refresh_schedule import DAY, tokens
from workers.auth.sign_in.refresh_schedule import FORCED_LIMIT
from workers.auth.stored.store import store_of
from workers.auth.stored.token_set import TokenSet
from workers.auth.worker import Auth

NOW = 2_000_000_000.0


class Sony:
    """Stands in for the account host."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.calls = self.drops = 0
        self.fault: Exception | None = None
        self.before_answer: Callable[[], Awaitable[Any]] | None = None
        self.duid = "d" * 64

    async def refresh(self, held: TokenSet, now: float) -> TokenSet:
        self.calls += 1
        if self.before_answer:
            await self.before_answer()
        if self.fault:
            raise self.fault
        return msgspec.structs.replace(
            held, access_token=f"a-{self.calls}", refresh_token=f"r-{self.calls}", issued_at=now,
            access_expires_at=now + 3599, refresh_expires_at=now + 5 * DAY,
        )  # fmt: skip

    async def online_id(self, _: TokenSet) -> str:
        if self.before_answer:
            await self.before_answer()
        return "Ava"

    async def drop_connections(self) -> None:
        self.drops += 1

    async def close(self) -> None: ...


class Bench:
    """An auth whose clock and account host are the test's; what it says on the bus is kept."""

    def __init__(self, home: Path) -> None:
        self.at, self.ran = NOW, 0.0
        paths, settings = Paths(home), Settings(psn=PsnSettings(realm="playstation"), auth=AuthSettings(store="file"))
        self.sony = Sony(lambda: self.at)
        self.auth = Auth(paths, settings, lambda: self.at, lambda: self.ran, self.sony)  # type: ignore[arg-type]
        self.store = store_of(paths, settings)
        self.said: list[Any] = []
        self.auth.bus.publish = self.said.append  # type: ignore[assignment,method-assign,return-value]

    async def load(self, held: TokenSet) -> None:
        await self.store.save(held)
        await self.auth._sign_in.load()

    async def step(self) -> float:
        return await self.auth._step()

    async def token(self) -> str:
        return (await self.auth._requests._serve_access_token(AccessToken())).access_token

    def stands(self, code: str) -> bool:
        return self.auth._problems.is_open(code)

    def state(self) -> str:
        return [said for said in self.said if isinstance(said, AuthState)][-1].state

    async def kept(self) -> TokenSet | None:
        return await self.store.load()


def fresh(**more: Any) -> TokenSet:
    return msgspec.structs.replace(tokens(issued=NOW), **{"online_id": "Ava", **more})


def invalid_grant() -> RefusedError:
    return RefusedError("no", status=400, details={"error": "invalid_grant"})


@pytest.fixture
async def bench(home: Path) -> AsyncIterator[Bench]:
    made = Bench(home)
    yield made
    await made.auth.stop()
    await made.auth.bus.close()


async def test_the_end_is_warned_of_days_before_and_not_at_each_look(bench: Bench) -> None:
    end = NOW + 10 * DAY
    await bench.load(fresh(access_expires_at=end))
    await bench.step()
    assert not bench.stands("auth.ends-soon")
    for hour in range(24):
        bench.at = end - 3 * DAY + hour * 3600
        await bench.step()
    warnings = [said for said in bench.said if isinstance(said, Problem)]
    assert [(problem.code, problem.severity) for problem in warnings] == [("auth.ends-soon", "warning")] * 2
    assert warnings[0].message == "The sign-in ends in 3 days."
    assert "login" in warnings[0].remedy


async def test_a_clock_that_is_set_right_again_takes_the_warning_back(bench: Bench) -> None:
    await bench.load(fresh(access_expires_at=NOW + 10 * DAY))
    bench.at = NOW + 9 * DAY
    await bench.step()
    assert bench.stands("auth.ends-soon")
    bench.at = NOW + 60
    await bench.step()
    assert not bench.stands("auth.ends-soon")


async def test_a_clock_that_jumped_past_the_end_does_not_throw_a_good_sign_in_away(bench: Bench) -> None:
    await bench.load(fresh())
    bench.at = NOW + 400 * DAY
    await bench.step()
    assert bench.sony.calls == 1
    assert bench.state() == "signed_in"
    bench.at = NOW + 60
    await bench.step()
    assert bench.state() == "signed_in"
    held = await bench.kept()
    assert held is not None
    assert held.issued_at == bench.at, "what was dated by the wrong clock is renewed under the right one"
    assert held.refresh_token == "r-2"


async def test_a_token_that_expired_in_a_sleep_is_renewed_on_waking_over_a_new_connection(bench: Bench) -> None:
    await bench.load(fresh())
    running = asyncio.create_task(bench.auth.run())
    await asyncio.sleep(0)
    bench.at, bench.ran = NOW + 8 * 3600, 8 * 3600.0
    assert bench.sony.calls == 0
    bench.auth.on_wake(Wake(8 * 3600.0, slept=True))
    await until(lambda: bench.sony.calls and bench.sony.drops, "it is renewed over a new connection")
    running.cancel()


async def test_without_a_network_a_sign_in_past_its_end_is_kept_until_playstation_says_so(bench: Bench) -> None:
    await bench.load(fresh())
    bench.at = NOW + 11 * DAY
    bench.sony.fault = UnreachableError("no network")
    wait = await bench.step()
    assert wait > 0
    held = await bench.kept()
    assert held is not None
    assert held.refresh_token == "r-secret"
    bench.at, bench.ran = bench.at + 61, bench.ran + 61
    bench.sony.fault = invalid_grant()
    await bench.step()
    assert bench.state() == "expired"
    assert bench.stands("auth.expired")
    calls = bench.sony.calls
    for _ in range(3):
        bench.at += 3600
        await bench.step()
    assert bench.sony.calls == calls, "a refusal is final"


async def test_a_wake_after_a_long_sleep_costs_one_refresh(bench: Bench) -> None:
    await bench.load(fresh())
    bench.at = NOW + 8 * 3600
    for _ in range(4):
        await bench.step()
    assert bench.sony.calls == 1
    assert await bench.token() == "a-1"


async def test_a_clock_that_jumps_to_and_fro_makes_no_tight_loop_of_refreshes(bench: Bench) -> None:
    await bench.load(fresh())
    for number in range(50):
        bench.at = NOW + 8 * 3600 * (number % 3)
        await bench.step()
        assert await bench.token() == f"a-{bench.sony.calls or 'secret'}"
    assert bench.sony.calls <= FORCED_LIMIT
    bench.sony.fault, bench.ran, calls = UnreachableError("no network"), 3000.0, bench.sony.calls
    for number in range(50):
        bench.at = NOW + 8 * 3600 * (number % 3)
        await bench.step()
    assert bench.sony.calls == calls + 1


@pytest.mark.parametrize("fault", [None, UnreachableError("gone"), invalid_grant()])
async def test_an_answer_that_comes_after_signing_out_brings_nothing_back(
    bench: Bench, fault: Exception | None
) -> None:
    await bench.load(fresh())
    bench.at = NOW + 3599
    bench.sony.fault = fault
    bench.sony.before_answer = lambda: bench.auth._requests._serve_sign_out(SignOut())
    async with asyncio.timeout(30):
        await bench.step()
    assert await bench.kept() is None
    assert bench.state() == "signed_out"
    assert not [code for code in ("auth.expired", "psn.unreachable") if bench.stands(code)]
    with pytest.raises(SignInError, match="Nobody"):
        await bench.token()


async def test_a_name_that_is_found_after_signing_out_brings_nothing_back(bench: Bench) -> None:
    await bench.load(fresh(online_id=""))
    bench.sony.before_answer = lambda: bench.auth._requests._serve_sign_out(SignOut())
    await bench.step()
    assert await bench.kept() is None
    assert bench.state() == "signed_out"
