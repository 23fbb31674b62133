"""The parts of auth, wired as the worker does, with an account host, a store and a bus that are the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal, cast

import msgspec

from common.errors import PartylineError
from common.messages import AuthState
from common.psn.errors import NoSimulatorError
from tests.workers.auth.sign_in.test_refresh_schedule import Clock, life, tokens
from workers.auth.pasted_sign_in import PastedSignIn
from workers.auth.refresh.refresher import Refresher
from workers.auth.refresh.token_issuer import TokenIssuer
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.demo_sign_in import DemoSignIn
from workers.auth.sign_in.online_id import OnlineIdLookup
from workers.auth.sign_in.user_sign_in import UserSignIn
from workers.auth.state import SignInState
from workers.auth.stored.current_tokens import CurrentTokens
from workers.auth.stored.store import Store, Unknown
from workers.auth.stored.token_set import TokenSet

NOW = 1000.0


class Memory:
    """A store that is no file."""

    def __init__(self, kept: TokenSet | None = None) -> None:
        self.kept = kept
        self.fault: OSError | None = None
        self.at: Literal["keychain", "file", ""] = "file"
        self.file = "/tokens"
        self.keychain_fault = ""
        self.unknown: Unknown = ""
        self.asks = False
        self.late_tokens: asyncio.Future[TokenSet | None] | None = None

    async def late(self) -> TokenSet | None:
        found = await self.late_tokens if self.late_tokens else None
        self.unknown, self.asks = "", False
        return found

    async def load(self) -> TokenSet | None:
        return self.kept

    async def save(self, new: TokenSet) -> None:
        if self.fault:
            raise self.fault
        self.kept = new

    async def forget(self) -> None:
        self.kept = None


class Host:
    """Stands in for `AccountClient`, and for the simulator that offers its demo account."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fault: PartylineError | None = None
        self.before_answer: Callable[[], Awaitable[Any]] | None = None
        self.npsso = "demo-npsso"
        """Of the demo account, or empty while no simulator runs."""
        self.endpoints = self
        self.simulator = self

    def current(self) -> Host:
        if not self.npsso:
            raise NoSimulatorError("none")
        return self

    def forget(self) -> None: ...

    async def _answer(self, call: str) -> int:
        self.calls.append(call)
        if self.before_answer:
            await self.before_answer()
        if self.fault:
            raise self.fault
        return len(self.calls)

    async def sign_in(self, pasted: str, now: float, origin: str = "") -> TokenSet:
        number = await self._answer("sign_in")
        return msgspec.structs.replace(tokens(issued=now), access_token=f"a-{number}", account_id=pasted)

    async def refresh(self, before: TokenSet, now: float) -> TokenSet:
        number = await self._answer("refresh")
        return msgspec.structs.replace(before, access_token=f"a-{number}", issued_at=now, access_expires_at=now + 3599)

    async def online_id(self, _: TokenSet) -> str:
        await self._answer("online_id")
        return "Ava"


class Parts:
    """Everything between the requests and the account host. It is the parts' `AuthSurroundings`."""

    def __init__(self, kept: TokenSet | None = None, *, demo: bool = False) -> None:
        self.now = NOW
        self.memory, self.host, self.clock = Memory(kept), Host(), Clock()
        self.states: list[AuthState] = []
        self.problems: dict[str, str] = {}
        self.health: list[str] = []
        self.steps = 0
        account = cast("AccountClient", self.host)
        self.schedule = life(self.clock)
        current = CurrentTokens(cast("Store", self.memory))
        self.sign_in = CurrentSignIn(current, self.schedule, self, "simulator" if demo else "playstation")
        self.policy = (
            DemoSignIn(self.sign_in, account, self, self.read_now)
            if demo
            else UserSignIn(self.sign_in, self.schedule, self)
        )
        self.refresher = Refresher(self.sign_in, account, self.policy, self, self.read_now)
        self.online_id = OnlineIdLookup(self.sign_in, account)
        self.pasted = PastedSignIn(self.sign_in, account, self.refresher, self.online_id, self.read_now)
        self.issuer = TokenIssuer(self.sign_in, self.refresher, self.schedule, self.read_now, "d" * 64)

    def read_now(self) -> float:
        return self.now

    async def loaded(self) -> Parts:
        await self.sign_in.load()
        return self

    # --- as the worker ----------------------------------------------------------------------------

    def publish_state(self, override: SignInState | None = None) -> None:
        self.states.append(self.sign_in.state(override))

    def schedule_step(self) -> None:
        self.steps += 1

    def set_health(self, state: str, detail: str = "") -> None:
        self.health.append(f"{state} {detail}")

    def publish_problem(
        self, code: str, message: str, remedy: str, *, new_occurrence: bool = False, **more: Any
    ) -> None:
        del remedy, new_occurrence, more
        self.problems[code] = message

    def publish_error(self, error: PartylineError, **more: Any) -> None:
        del more
        self.problems[error.code] = error.message

    def clear_problem(self, code: str) -> None:
        self.problems.pop(code, None)

    def spawn(self, job: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        return asyncio.create_task(job, name=name)
