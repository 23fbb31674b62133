"""The requests that a page may make: some of the bus by name, the process list, and the restart of a worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, get_args

import msgspec

from common.api.rights import NEEDED, OF_THE_PAGE
from common.basic.values import refusal
from common.bus import Bus
from common.config import realm
from common.errors import ErrorReply, PartylineError
from common.files.paths import Paths
from common.log import logs
from common.messages import AuthState, PartyState, WorkerHealth
from common.requests import Done, LeaveParty, Request, RevealRecording, SignIn
from common.run.lives import wake
from common.run.supervisor import Process, Supervisor
from workers.dashboard.live.api_keys import PageApiKeys
from workers.dashboard.live.own_requests import ListProcesses, MakeApiKey, OwnRequest, PlayRecording, RestartWorker
from workers.dashboard.serve.played_recordings import PlayedRecordings
from workers.dashboard.state import PageState

ALLOWED: dict[str, type[Request[Any]]] = {cls.__name__: cls for cls in (*NEEDED, *OF_THE_PAGE)}
"""What a key of the API may ask at most, and what only the dashboard's own page may."""
OWN: dict[str, type[OwnRequest]] = {cls.__name__: cls for cls in get_args(OwnRequest)}
SLOW_S = 60.0
"""Timeout of requests that call Sony's servers or finish files."""
QUICK_S = 8.0
QUICK_WORKER = "audio"
"""It answers at once. All others call PlayStation or write to the disk."""


def limit_s(request: Request[Any]) -> float:
    """Return how long its worker may take."""
    return QUICK_S if request.WORKER == QUICK_WORKER else SLOW_S


class PageRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request of a page. `id` is repeated in the answer, `do` names a request, `fields` are its fields."""

    id: int
    do: str
    fields: dict[str, Any] = msgspec.field(default_factory=dict)


class PageRequests:
    """Carries out the pages' requests."""

    def __init__(  # noqa: PLR0913  # what a page may ask about
        self,
        bus: Bus,
        paths: Paths,
        state: PageState,
        *,
        played: PlayedRecordings,
        keys: PageApiKeys,
        end_self: Callable[[], None],
    ) -> None:
        self._bus = bus
        self._paths = paths
        self._state = state
        self._played = played
        self._keys = keys
        self._end_self = end_self

    async def serve(self, request: PageRequest, *, local: bool, paired: bool = False) -> dict[str, object]:
        """Return `{"id", "ok"}` or `{"id", "error"}`. The page is open on this machine (`local`) or on a paired one."""
        try:
            if paired:
                _check_paired(request)
            return {"id": request.id, "ok": await self._serve(request, local=local)}
        except PartylineError as error:
            return {"id": request.id, "error": ErrorReply.of(error)}

    async def _serve(self, request: PageRequest, *, local: bool) -> Any:
        if request.do in OWN:
            return await self._serve_own(_fields(request, OWN[request.do]))
        if request.do not in ALLOWED:
            raise PartylineError(
                f"The page sent the request {request.do[:40]!r}, which this partyline does not know.",
                "Reload the page. It may be from another version.",
                code="dashboard.unknown",
            )
        wanted = _fields(request, ALLOWED[request.do])
        if isinstance(wanted, SignIn):
            return await self._sign_in(wanted, local=local)
        if isinstance(wanted, RevealRecording) and not local:
            raise PartylineError(
                "The folder can be shown only on the machine that runs partyline.",
                "Open the dashboard there, or play the recording here.",
                code="dashboard.not-here",
            )
        self.wake()
        return await self._bus.request(wanted, limit_s(wanted))

    async def _serve_own(self, request: OwnRequest) -> Any:
        match request:
            case RestartWorker(worker=worker):
                return await self._restart(worker)
            case ListProcesses():
                return await self._processes()
            case PlayRecording(recording=recording, file=file):
                return {"address": self._played.address_of(recording, file)}
            case _:
                return await self._keys.serve(request)

    def wake(self) -> None:
        """Start workers at once that wait because they ended often: a person wants something."""
        wake(self._paths.run, self._state.all(WorkerHealth).values(), set())

    # --- sign-in -----------------------------------------------------------------------------------

    async def _sign_in(self, request: SignIn, *, local: bool) -> AuthState:
        """Sign in, then switch the pipeline to the real network. A refused paste changes nothing."""
        if not local:
            raise PartylineError(
                "Signing in is for a page on the machine that runs partyline.",
                "Open the dashboard there. From a paired machine that may do it, run `partyline --at MACHINE login`.",
                code="dashboard.not-here",
            )
        logs.remember(request.pasted.strip())
        realm.check("playstation")
        signed_in = await self._bus.request(SignIn(pasted=request.pasted, realm="playstation"), SLOW_S)
        present = self._state.one(AuthState)
        if present is None or present.realm != "playstation":
            try:
                await self._switch_network()
            except PartylineError as error:
                raise PartylineError(
                    f"You are signed in, but the pipeline was not switched to PlayStation Network. {error.message}",
                    error.remedy,
                    code=error.code,
                ) from error
        return signed_in

    async def _switch_network(self) -> None:
        supervisor = self._supervisor()  # raises before anything changes
        party = self._state.one(PartyState)
        if party is not None and party.phase != "none":
            await self._bus.request(LeaveParty(), SLOW_S)
        await asyncio.to_thread(realm.choose, self._paths, "playstation")
        known = {process.name for process in await asyncio.to_thread(supervisor.processes)}
        await asyncio.to_thread(supervisor.restart, [name for name in realm.READERS if name in known])

    # --- workers -----------------------------------------------------------------------------------

    def _supervisor(self) -> Supervisor:
        url = os.environ.get("SUPERVISOR_SERVER_URL", "")
        if not url:
            raise PartylineError(
                "The workers run without supervisord, so the page cannot restart them.",
                "Start the pipeline with `partyline up`.",
                code="dashboard.no-supervisor",
            )
        return Supervisor(url)

    async def _processes(self) -> list[Process]:
        """Return supervisord's programs, or none without supervisord."""
        if not os.environ.get("SUPERVISOR_SERVER_URL"):
            return []
        return await asyncio.to_thread(self._supervisor().processes)

    async def _restart(self, worker: str) -> Done:
        supervisor = self._supervisor()
        if worker == self._bus.name:
            self._end_self()  # supervisord starts this worker again
            return Done(message=f"{worker} restarts")
        known = [process.name for process in await asyncio.to_thread(supervisor.processes)]
        if worker not in known:
            raise PartylineError(
                f"There is no worker {worker[:40]!r}.", f"Workers: {', '.join(known)}.", code="dashboard.no-worker"
            )
        await asyncio.to_thread(supervisor.restart, [worker])
        return Done(message=f"{worker} restarts")


def _check_paired(request: PageRequest) -> None:
    """Raise `PartylineError` for what no paired machine may do."""
    if request.do == MakeApiKey.__name__:
        raise PartylineError(
            "A paired machine makes no keys.",
            "Make it on the machine that runs partyline, with `partyline api key add`.",
            code="dashboard.not-here",
        )


def _fields(request: PageRequest, cls: type[Any]) -> Any:
    try:
        return msgspec.convert(request.fields, cls)
    except msgspec.ValidationError as error:
        raise PartylineError(
            f"{request.do}: {refusal(error)}.",
            "Reload the page. It may be from another version.",
            code="dashboard.bad-request",
        ) from error
