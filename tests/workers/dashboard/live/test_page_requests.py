from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from common.api.key_uses import KeyUses
from common.bus import Bus
from common.errors import ErrorReply, PartyError
from common.files.paths import Paths
from common.requests import Done, LeaveParty, Request, SetMute
from workers.dashboard.live.api_keys import PageApiKeys
from workers.dashboard.live.page_requests import QUICK_S, SLOW_S, PageRequest, PageRequests
from workers.dashboard.serve.played_recordings import PlayedRecordings
from workers.dashboard.state import PageState


class Asked:
    """Stands in for the bus. `asked` has the requests with their timeouts."""

    name = "dashboard"

    def __init__(self) -> None:
        self.asked: list[tuple[Request[Any], float]] = []
        self.fault: PartyError | None = None

    async def request(self, request: Request[Any], limit_s: float) -> Any:
        self.asked.append((request, limit_s))
        if self.fault:
            raise self.fault
        return Done()


class Page:
    """What one page gets for its requests."""

    def __init__(self, home: Path) -> None:
        self.bus, self.stops = Asked(), 0
        self.requests = PageRequests(
            cast("Bus", self.bus),
            Paths(home),
            PageState(),
            played=PlayedRecordings(lambda: None),
            keys=PageApiKeys(Paths(home), KeyUses(Paths(home))),
            end_self=self._stop,
        )

    def _stop(self) -> None:
        self.stops += 1

    async def ask(self, name: str, *, local: bool = True, **fields: Any) -> Any:
        answer = await self.requests.serve(PageRequest(id=7, do=name, fields=fields), local=local)
        assert answer.pop("id") == 7
        return next(iter(answer.values()))


@pytest.fixture
def page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.delenv("SUPERVISOR_SERVER_URL", raising=False)
    return Page(home)


async def test_a_request_of_the_bus_goes_there_with_a_timeout_of_its_kind(page: Page) -> None:
    assert await page.ask("SetMute", peer="1.PS5", muted=True) == Done()
    assert await page.ask("LeaveParty") == Done()
    assert page.bus.asked == [(SetMute(peer="1.PS5", muted=True), QUICK_S), (LeaveParty(), SLOW_S)]


async def test_a_refusal_of_the_worker_reaches_the_page(page: Page) -> None:
    page.bus.fault = PartyError("There is no such party.", "Ask for a new link.")
    answer = await page.ask("LeaveParty")
    assert isinstance(answer, ErrorReply)
    assert (answer.message, answer.remedy) == ("There is no such party.", "Ask for a new link.")


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("AccessToken", {}, "dashboard.unknown"),
        ("__class__", {}, "dashboard.unknown"),
        ("SetMute", {"peer": "1.PS5"}, "dashboard.bad-request"),
        ("SetMute", {"peer": 1, "muted": True}, "dashboard.bad-request"),
        ("RestartWorker", {"worker": "media", "more": 1}, "dashboard.bad-request"),
        ("RestartWorker", {"worker": "media"}, "dashboard.no-supervisor"),
    ],
)
async def test_what_no_page_may_ask_reaches_no_worker(page: Page, name: str, fields: dict[str, Any], code: str) -> None:
    assert (await page.ask(name, **fields)).code == code
    assert page.bus.asked == []


async def test_an_npsso_is_taken_on_this_machine_only(page: Page) -> None:
    assert (await page.ask("SignIn", local=False, pasted="N" * 64)).code == "dashboard.not-here"
    assert page.bus.asked == []


async def test_a_folder_is_shown_on_this_machine_only(page: Page) -> None:
    assert (await page.ask("RevealRecording", local=False, recording="x")).code == "dashboard.not-here"
    assert (await page.ask("PlayRecording", recording="x", file="mix.flac")).code == "dashboard.no-recording"
    assert page.bus.asked == []
    assert await page.ask("RevealRecording", recording="x") == Done()


async def test_without_supervisord_there_are_no_processes_and_nothing_ends(page: Page) -> None:
    assert await page.ask("ListProcesses") == []
    assert (await page.ask("RestartWorker", worker="dashboard")).code == "dashboard.no-supervisor"
    assert page.stops == 0
