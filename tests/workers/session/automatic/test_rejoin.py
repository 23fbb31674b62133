"""Back into the party that dropped us while we were away; never where somebody took us out, or we left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from common.errors import PartyError, PartylineError
from common.messages import PartyState, Problem
from common.psn.errors import RateLimitedError, UnreachableError
from common.requests import JoinParty, LeaveParty
from tests.support.waiting import until
from tests.workers.session.automatic.rig import Joins, Problems
from tests.workers.session.realm import Realm, realm
from workers.session.actions import LostParty
from workers.session.automatic import rejoin
from workers.session.automatic.rejoin import Rejoin, may_rejoin
from workers.session.end_reasons import End


@pytest.mark.parametrize(
    ("end", "away_s", "back"),
    [
        ("dropped", 600.0, True), ("gone", 600.0, True), ("dropped", 901.0, False), ("removed", 10.0, False),
        ("elsewhere", 10.0, False), ("left", 10.0, False), ("ended", 10.0, False), ("refused", 10.0, False),
    ],
)  # fmt: skip
def test_we_go_back_only_where_we_were_dropped_and_not_after_too_long(end, away_s: float, back: bool) -> None:
    assert may_rejoin(end, away_s, 900.0) is back
    assert not may_rejoin(end, away_s, 0.0)


def lost(end: End = "dropped", away_s: float = 5.0) -> LostParty:
    return LostParty(session_id="s", cpss_id="link", end=end, away_s=away_s)


async def rejoined(joins: Joins, monkeypatch: pytest.MonkeyPatch) -> Problems:
    """Lose a party, and wait until `joins` have settled that."""
    monkeypatch.setattr(rejoin, "FIRST_S", 0.01)
    problems = Problems()
    made = Rejoin(900.0, joins, problems)  # type: ignore[arg-type]
    assert made.on_lost(lost())
    task = asyncio.create_task(made.run())
    await until(lambda: made._lost is None, "the rejoin is over", within_s=30, every_s=0.005)
    task.cancel()
    return problems


async def test_a_rejoin_goes_the_way_that_led_there_and_is_retried_while_that_may_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    joins = Joins(UnreachableError("no answer"), PartyError("x", "y", code=rejoin.NO_PUSH), None)
    problems = await rejoined(joins, monkeypatch)
    assert (joins.targets, problems.rejoined) == (["s link"] * 3, [5.0])


@pytest.mark.parametrize("error", [PartyError("x", "y", code="session.party-gone"), RateLimitedError("x")])
async def test_a_rejoin_that_was_refused_is_given_up(error: PartylineError, monkeypatch: pytest.MonkeyPatch) -> None:
    joins = Joins(error, None)
    problems = await rejoined(joins, monkeypatch)
    assert (len(joins.targets), problems.rejoined) == (1, [])


async def test_a_request_of_the_user_cancels_the_rejoin() -> None:
    joins, problems = Joins(None), Problems()
    joins.hold.clear()
    made = Rejoin(900.0, joins, problems)  # type: ignore[arg-type]
    made.on_lost(lost())
    task = asyncio.create_task(made.run())
    await until(lambda: joins.targets, "a join begins", within_s=30, every_s=0)
    made.stop()
    joins.hold.set()
    await until(
        lambda: made._join is not None and made._join.done(),
        "the join ends",
        within_s=30,
        every_s=0,
    )
    assert (made._join.cancelled(), problems.rejoined) == (True, [])
    task.cancel()


async def dropped(there: Realm) -> None:
    """Be without a push channel until the server has dropped us, and have it again."""
    there.rig.processes["signaling"].kill()

    async def gone() -> bool:
        return there.me not in await members(there)

    await until(gone, "we are dropped")
    there.rig.up("signaling", env=there.env)


async def members(there: Realm) -> list[str]:
    party = await there.party(there.info["session_id"])
    return [member["accountId"] for member in party["members"]] if party else []


async def test_a_party_that_dropped_us_while_we_were_away_is_joined_again_by_itself(home: Path) -> None:
    async with realm(home, "--presence-timeout", "1") as there:
        first = await there.ask(JoinParty(target=there.info["party_link"]))
        await dropped(there)
        again = await there.rig.until(
            lambda: next(
                (s for s in there.rig.all(PartyState) if s.phase == "joined" and s.joined_at > first.joined_at), 0
            ),
            "we are in it again",
        )
        assert again.session_id == first.session_id
        assert there.me in await members(there)
        note = await there.rig.until(lambda: there.rig.problems().get("session.party-rejoined"), "it is told")
        assert (note.severity, "It is in the party again" in note.message) == ("note", True)
        await there.ask(LeaveParty())
        await there.rig.until(lambda: "session.party-rejoined" not in there.rig.problems(), "it is no news any more")
        assert not [p for p in there.rig.all(Problem) if p.severity == "error"]


async def test_it_can_be_turned_off(home: Path) -> None:
    async with realm(home, "--presence-timeout", "1", PARTYLINE_SESSION__REJOIN_S="0") as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await dropped(there)
        state = await there.state("we are out", phase="none", end="dropped")
        assert "PlayStation dropped this device" in state.reason
        assert (await there.cli("parties"))[0] == 0
        assert await there.count("POST", "/members") == 1


async def test_whoever_left_on_the_phone_or_was_taken_out_stays_out(home: Path) -> None:
    async with realm(home) as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        assert (await (await there.phone()).leave()).status == 204
        state = await there.state("we left elsewhere", phase="none", end="elsewhere")
        assert state.reason == "You are no longer in the party. Your account left it on another device."
        await there.ask(JoinParty(target=there.info["session_id"]))
        await there.control("kick", {"accountId": there.me})
        await there.state("we were taken out", phase="none", end="removed")
        assert (await there.cli("parties"))[0] == 0
        assert await there.count("POST", "/members") == 2


async def test_a_sleep_between_two_tries_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejoin, "FIRST_S", 3600.0)
    joins = Joins(UnreachableError("no answer"), None)
    made = Rejoin(7200.0, joins, Problems())  # type: ignore[arg-type]
    made.on_lost(lost())
    task = asyncio.create_task(made.run())

    def joined_after_a_wake() -> bool:
        made.on_wake()
        return joins.joined.is_set()

    await until(joined_after_a_wake, "it joins")
    task.cancel()
    assert len(joins.targets) == 2
