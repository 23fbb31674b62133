"""What the worker gives to the parts of auth that do I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from common.errors import PartylineError
from common.messages import Health
from workers.auth.state import SignInState


class AuthSurroundings(Protocol):
    """The worker, as its parts see it. See `common.run.worker.Worker` for the methods not described here."""

    def publish_state(self, override: SignInState | None = None) -> None:
        """Publish the state of the sign-in. `override` replaces what the tokens say."""

    def schedule_step(self) -> None:
        """Check at once what is due."""

    def set_health(self, state: Health, detail: str = "") -> None: ...

    def publish_problem(
        self, code: str, message: str, remedy: str, *, new_occurrence: bool = False, **more: Any
    ) -> None: ...

    def publish_error(self, error: PartylineError, **more: Any) -> None: ...

    def clear_problem(self, code: str) -> None: ...

    def spawn(self, job: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]: ...
