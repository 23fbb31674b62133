"""What the bridge's transport calls when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.basic.clock import Moment
from common.messages import BRIDGE_PEER, PartyState
from common.psn.errors import NotFoundError, RefusedError, ServerFaultError
from tests.workers.signaling.transports.bridge.desk import ANN, BOB, ENTERED, ENTRY, JOINED, MADE, NONE, Desk
from workers.signaling.transports.bridge import agenda_runner
from workers.signaling.transports.bridge.agenda import Mode
from workers.signaling.transports.bridge.bridge_client import CallDelays
from workers.signaling.transports.bridge.memory import OwnBridge, OwnBridgeFile


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda_runner, "RETRY_S", 0.0)
    monkeypatch.setattr(agenda_runner, "POLL_S", 0.0)


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**options: Any) -> Desk:
        made.append(Desk(tmp_path, **options))
        return made[-1]

    yield make
    for desk in made:
        desk.job.cancel()
        await asyncio.gather(desk.job, return_exceptions=True)


def test_the_delays_between_calls_are_the_apps_own() -> None:
    assert CallDelays() == CallDelays(link_s=0.7, peer_s=0.5, answer_s=0.9)


async def test_a_bridge_that_is_there_is_entered_answered_and_left(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    assert (desk.signals[0].key(), desk.signals[0].kind) == (f"in/{BRIDGE_PEER}", "offer")
    desk.media("answer", desk.signals[0].sequence)
    await desk.until(lambda: desk.sent)
    desk.bridge.on_party(NONE)
    await desk.until(lambda: len(desk.network.calls) == 4)
    assert desk.network.said == [*ENTERED, "POST answer", "DELETE p"]
    assert "view=v2" in desk.network.calls[0].path
    for call in desk.network.calls[1:]:
        assert call.headers == {"X-PSN-RTC-TITLE-ID": "METROPOL_AND", "X-PSN-BRIDGE-TOKEN": "secret-b"}


async def test_one_of_our_own_is_unlinked_by_its_etag_and_ended_before_the_party_is_left(
    desks: Callable[..., Desk],
) -> None:
    desk = desks()
    desk.network.party = {"sessionId": "S"}
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.push("created", "b")
    await desk.bridge.leave("s")
    assert desk.network.said[:4] == MADE
    assert sorted(desk.network.said[4:6]) == ["DELETE b", "DELETE p"]
    unlink, end = (
        desk.network.calls[-2] if "partySessions" in desk.network.calls[-2].path else desk.network.calls[-3],
        desk.network.calls[-1],
    )
    assert (unlink.path.rpartition("/v2")[2], unlink.headers) == ("/partySessions/s/bridges/b", {"If-Match": '"e"'})
    assert "rtcBridge" in end.path
    assert all(call.urgent for call in desk.network.calls[4:])
    desk.bridge.on_party(JOINED)  # session has not said yet that we are leaving
    desk.bridge.on_party(PartyState(phase="leaving", session_id="s", context_id="c"))
    desk.bridge.on_party(NONE)
    assert len(desk.network.calls) == 7
    assert desk.own().bridge_id == ""


async def test_without_the_event_the_etag_is_read_from_the_view(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.network.party = {"sessionId": "S"}
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.network.party = {"sessionId": "S", "bridges": [ENTRY]}
    await desk.bridge.leave("s")
    assert {"If-Match": '"e"'} in [call.headers for call in desk.network.calls]


async def test_who_came_by_a_link_looks_at_the_party_with_its_id(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.on_party(msgspec.structs.replace(JOINED, cpss_id="js_link"))
    await desk.until(lambda: desk.signals)
    assert desk.network.calls[0].headers["X-PSN-SESSION-MANAGER-CPSS-ID"] == "js_link"
    desk.bridge.on_party(msgspec.structs.replace(JOINED, session_id="other", context_id="d"))
    await desk.until(lambda: desk.network.said.count("GET partySessions") == 2)
    assert "X-PSN-SESSION-MANAGER-CPSS-ID" not in desk.network.calls[-1].headers


async def test_nothing_is_sent_once_we_are_out(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.network.held = asyncio.Event()
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.bridge._runner._action)
    desk.bridge.on_party(NONE)
    desk.network.held.set()
    desk.media("offer", 1)
    desk.push("created", "c")
    await desk.until(lambda: desk.bridge._runner._action is None)
    for _ in range(50):
        await asyncio.sleep(0)
    assert desk.network.said == []


async def test_everybody_reached_no_bridge_is_entered_and_none_made(desks: Callable[..., Desk]) -> None:
    desk = desks(mode="needed")
    desk.bridge.on_party(JOINED)
    for peer in (ANN, BOB):
        desk.report(peer, "connected")
    await desk.until(lambda: desk.bridge._agenda.viewed)
    for _ in range(50):
        await asyncio.sleep(0)
    assert desk.network.said == ["GET partySessions"]
    desk.report(BOB, "lost")
    await desk.until(lambda: desk.signals)
    assert desk.network.said == ENTERED


async def test_one_is_made_for_who_is_not_reached_and_given_up_when_that_changes(desks: Callable[..., Desk]) -> None:
    desk = desks(mode="needed")
    desk.network.party = {"sessionId": "S"}
    desk.bridge.on_party(JOINED)
    desk.report(ANN, "connected")
    desk.report(BOB, "waiting")
    await desk.until(lambda: desk.signals)
    assert desk.network.said == MADE
    desk.push("created", "b")
    desk.report(BRIDGE_PEER, "connected")
    desk.report(BOB, "connected")
    await desk.until(lambda: len(desk.network.calls) == 7)
    assert sorted(desk.network.said[4:]) == ["DELETE b", "DELETE b", "DELETE p"]
    assert desk.gone[-1].final


@pytest.mark.parametrize("mode", ["needed", "never"])
async def test_a_bridge_that_another_one_made_is_kept_and_only_ours_are_made_where_we_may(
    desks: Callable[..., Desk], mode: Mode
) -> None:
    desk = desks(mode=mode)
    desk.network.party = {"sessionId": "S"}
    desk.bridge.on_party(JOINED)
    desk.report(BOB, "failed")
    if mode == "never":
        await desk.until(lambda: desk.bridge._agenda.viewed)
        for _ in range(50):
            await asyncio.sleep(0)
        assert desk.network.said == ["GET partySessions"]
        desk.push("created", "c")
    await desk.until(lambda: desk.signals)
    for peer in (ANN, BOB):
        desk.report(peer, "connected")
    await desk.until(lambda: mode == "never" or desk.network.said[-1] == "DELETE b")
    assert ("DELETE p" in desk.network.said) == (mode == "needed")


async def test_a_bridge_that_only_listens_is_asked_for_a_new_offer_then_left_and_reported(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.signaling.transports.bridge.attachment.PEER_READS_S", (0.0, 0.0, 0.0))
    desk = desks(mode="needed")
    desk.network.party, desk.network.direction = {"sessionId": "S"}, "recvonly"
    desk.bridge.on_party(JOINED)
    desk.report(BOB, "failed")
    await desk.until(lambda: desk.problems and desk.problems[-1])
    assert desk.network.said[4:6] == ["GET b", "POST offer"]
    assert all(said.startswith(("DELETE", "GET")) for said in desk.network.said[6:])
    assert desk.problems[-1] is not None
    assert "only listens" in desk.problems[-1].message
    assert desk.own().count == 1
    assert not desk.own().may_create(Moment.now())


async def test_one_that_nobody_comes_onto_is_given_up(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.signaling.transports.bridge.attachment.PEER_READS_S", (0.0, 0.0))
    desk = desks(mode="needed")
    desk.network.party, desk.network.peers = {"sessionId": "S"}, ["p"]
    desk.bridge.on_party(JOINED)
    desk.report(BOB, "failed")
    await desk.until(lambda: desk.problems and desk.problems[-1])
    assert desk.problems[-1] is not None
    assert "nobody else" in desk.problems[-1].message
    assert "POST offer" not in desk.network.said


async def test_ours_of_a_killed_run_is_taken_up_by_its_id(desks: Callable[..., Desk], tmp_path: Path) -> None:
    OwnBridgeFile(tmp_path / "bridge.json", "here").keep(OwnBridge(place="here").created("s", "b", Moment.now()))
    desk = desks(mode="needed")
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    assert desk.network.said == ENTERED
    for peer in (ANN, BOB):
        desk.report(peer, "connected")
    await desk.until(lambda: len(desk.network.calls) == 5)
    assert sorted(desk.network.said[2:]) == ["DELETE b", "DELETE b", "DELETE p"]
    assert "secret" not in desk.file.read_text()


async def test_events_do_not_queue_up(desks: Callable[..., Desk]) -> None:
    desk = desks(mode="needed")
    desk.bridge.on_party(JOINED)
    for number in range(2000):
        desk.push("created", f"b{number}")
        desk.push("deleted", f"b{number - 5}")
    assert len(desk.bridge._agenda.known) <= 16
    await desk.until(lambda: desk.bridge._agenda.viewed)
    assert len(desk.network.calls) == 1


async def test_an_answer_to_an_offer_that_is_over_is_not_sent(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.media("offer", 1)
    await desk.until(lambda: len(desk.signals) == 2)
    desk.media("answer", desk.signals[0].sequence)
    await desk.until(lambda: desk.bridge._agenda._answer is None)
    desk.media("answer", desk.signals[1].sequence)
    await desk.until(lambda: desk.sent)
    assert desk.network.said.count("POST answer") == 1


async def test_a_forgotten_peer_is_added_again_and_a_forgotten_bridge_is_reported(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.network.faults["POST offer"] = [NotFoundError("no peer"), NotFoundError("no peer")]
    desk.media("offer", 1)
    await desk.until(lambda: len(desk.signals) == 2)
    desk.network.faults["POST peers"] = [NotFoundError("no bridge")]
    desk.media("offer", 2)
    await desk.until(lambda: desk.refused)
    assert (desk.refused[0].kind, desk.refused[0].final) == ("offer", True)
    assert desk.gone


async def test_the_newest_bridge_is_entered_and_left_when_it_is_unlinked(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.network.party = {"sessionId": "S", "bridges": [ENTRY, {**ENTRY, "bridgeId": "c", "bridgeToken": "secret-c"}]}
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.push("created", "d")
    desk.push("deleted", "c")
    await desk.until(lambda: len(desk.signals) == 2)
    assert len(desk.gone) == 1
    assert [call.headers["X-PSN-BRIDGE-TOKEN"] for call in desk.network.calls[1:]] == ["secret-c", "secret-d"]


async def test_a_transient_fault_is_retried_and_a_refusal_is_not(desks: Callable[..., Desk]) -> None:
    desk, other = desks(), desks(mode="never")
    desk.network.faults["GET partySessions"] = [ServerFaultError("503"), ServerFaultError("503")]
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    assert len([problem for problem in desk.problems if problem]) == 2
    other.network.faults["POST peers"] = [RefusedError("403")]
    other.bridge.on_party(JOINED)
    other.report(BOB, "failed")
    await other.until(lambda: other.problems and other.problems[-1])
    for _ in range(50):
        await asyncio.sleep(0)
    assert other.network.said == ENTERED


async def test_a_token_is_in_nothing_that_is_logged_or_shown(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.on_party(JOINED)
    await desk.until(lambda: desk.signals)
    shown = f"{desk.bridge._agenda.known._refs} {desk.bridge._use.attached} {desk.bridge.facts()} {desk.signals}"
    assert "'b'" in shown
    assert "secret" not in shown
