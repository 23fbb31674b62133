"""What our own member entry says, and that it is right again after a resume."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messages import Member, PartyState, Trying
from common.psn.http.endpoints import SimulatorInfo
from common.psn.party.customdata import CustomData4, decode3, decode4, encode4
from common.requests import JoinParty, LeaveParty
from tests.simulator.client import V2, Client
from tests.workers.session.realm import BO, Realm, realm
from workers.session.member.own_entry import fields
from workers.session.member.own_entry.fields import FIRST_S, GATHER_S, QUICK_CALLS, REFILL_S, PublishSchedule

JOINED = CustomData4()
CHANGED = ("", "AQAAAA==", "1", "0", "9.9.9", "1", "0", "0", "", "", "new")


def test_version_and_mute_are_set_right_and_all_else_stays_as_it_came() -> None:
    right = fields.custom_data4(encode4(CustomData4(fields=CHANGED)), JOINED)
    assert decode4(right).fields == ("", "AQAAAA==", "1", "0", "6.2.0", "0", "0", "0", "", "", "new")
    assert fields.custom_data4(encode4(JOINED), JOINED) == encode4(JOINED)


@pytest.mark.parametrize("spoilt", ["", "%%%", "e30=", encode4(CustomData4(fields=("1",)))])
def test_what_cannot_be_read_becomes_what_the_app_sends_at_join(spoilt: str) -> None:
    assert fields.custom_data4(spoilt, JOINED) == encode4(JOINED)


def test_the_others_are_named_once_each_and_we_only_as_our_own_console() -> None:
    me = Member(account_id="1", platform="MOBILE_APP", is_me=True)
    bo, bos_phone = Member(account_id="2", platform="PS5"), Member(account_id="2", platform="MOBILE_APP")
    assert fields.others([bo, me, bos_phone]) == ("2",)
    assert fields.others([Member(account_id="1", platform="PS5"), me]) == ("1",)


# --- when it is told --------------------------------------------------------------------------------


def run(
    naming: PublishSchedule, changes: list[tuple[float, tuple[str, ...]]], until: float
) -> list[tuple[float, tuple[str, ...]]]:
    """Play `changes` (time, who else is there); return the calls that were made, each of which is taken at once."""
    calls, left = [], list(changes)
    while True:
        due = naming.due_at()
        if left and (due is None or left[0][0] <= due):
            at, accounts = left.pop(0)
            naming.want(accounts, at)
        elif due is not None and due <= until:
            at = max(due, calls[-1][0] if calls else due)
            wanted = naming.telling(at)
            naming.told(wanted, at)
            calls.append((at, wanted))
        elif not left:
            return calls


def test_a_newcomer_tells_it_as_the_app_does_and_then_only_what_changes() -> None:
    (told,) = run(PublishSchedule(100.0), [(100.0, ("2", "3"))], 900.0)
    assert told == (pytest.approx(100.0 + FIRST_S), ("2", "3"))


def test_changes_within_half_a_second_go_into_one_call() -> None:
    changes = [(100.0, ("2",)), (200.0, ("2", "3")), (200.2, ("2", "3", "4")), (200.4, ("3", "4"))]
    _, told = run(PublishSchedule(100.0), changes, 900.0)
    assert told == (200.0 + GATHER_S, ("3", "4"))


def test_alone_nobody_tells_any_and_the_next_one_to_come_is_named() -> None:
    changes = [(100.0, ("2",)), (150.0, ()), (300.0, ("3",)), (400.0, ()), (400.2, ("3",))]
    told = run(PublishSchedule(100.0), changes, 900.0)
    assert [names for _, names in told] == [("2",), ("3",)]
    assert told[1][0] == 300.0 + GATHER_S


def test_what_is_right_on_the_server_is_not_told_again_and_what_is_wrong_is() -> None:
    naming = PublishSchedule(0.0)
    naming.shown(("3", "2"), 0.0)
    naming.want(("2", "3"), 0.0)
    assert naming.due_at() is None
    naming.shown(None, 50.0)
    assert naming.due_at() == 50.0 + GATHER_S


def test_a_refusal_is_tried_again_later_each_time() -> None:
    naming, now, waits = PublishSchedule(0.0), 0.0, []
    naming.want(("2",), 0.0)
    for _ in range(9):
        due = naming.due_at()
        assert due is not None
        waits.append(round(due - now, 6))
        now = due
        naming.telling(now)
        naming.failed()
    assert waits[1:] == sorted(waits[1:])
    assert max(waits) <= 60.0


@pytest.mark.parametrize(("every_s", "most"), [(0.1, 3), (1.0, 8), (4.0, 14), (20.0, 14)])
def test_a_party_of_sixteen_that_fills_up_costs_few_calls(every_s: float, most: int) -> None:
    names = [str(n) for n in range(2, 17)]
    changes = [(every_s * n, tuple(names[: n + 1])) for n in range(15)]
    calls = run(PublishSchedule(0.0), changes, 9000.0)
    assert len(calls) <= most + 1
    assert calls[-1][1] == tuple(names)
    assert calls[-1][0] - changes[-1][0] < 5.0, "all of them are named within 5 s of the last one's coming"


@given(st.lists(st.tuples(st.floats(0.0, 30.0), st.sets(st.sampled_from("23456"))), max_size=300))
def test_however_people_come_and_go_the_calls_are_bounded_and_the_last_word_is_right(
    steps: list[tuple[float, set[str]]],
) -> None:
    now, changes = 0.0, []
    for wait, accounts in steps:
        now += wait
        changes.append((now, tuple(sorted(accounts))))
    calls = run(PublishSchedule(0.0), changes, now + 10_000.0)
    for begin in range(len(calls)):
        for end in range(begin, len(calls)):
            assert end - begin + 1 <= QUICK_CALLS + (calls[end][0] - calls[begin][0]) / REFILL_S + 1.001
    assert all(after[0] - before[0] >= GATHER_S - 0.001 for before, after in itertools.pairwise(calls))
    if changes and changes[-1][1]:
        assert calls[-1][1] == changes[-1][1]
    assert all(names for _, names in calls)


# --- in a party -------------------------------------------------------------------------------------


async def ours(there: Realm) -> dict[str, Any]:
    party = await there.party(there.info["session_id"]) or {"members": []}
    return next((member for member in party["members"] if member["accountId"] == there.me), {})


async def right(there: Realm, fields: tuple[Any, ...]) -> None:
    """Wait until the server shows our customData as it must be."""
    async with asyncio.timeout(60):
        entry = await ours(there)
        while not entry.get("customData3") or decode4(entry["customData4"]).fields != fields:
            await asyncio.sleep(0.05)
            entry = await ours(there)
    told = decode3(entry["customData3"])
    party = await there.party(there.info["session_id"]) or {"members": []}
    assert set(told.others) == {member["accountId"] for member in party["members"]} - {there.me}
    assert told.session_id == there.info["session_id"]


def test_place_1_is_as_the_ladder_wants_it() -> None:
    number = JOINED.with_place_1("number")
    assert (JOINED.place_1, number.place_1, CustomData4(fields=("", 7)).place_1) == ("empty", "number", "")
    assert fields.custom_data4(encode4(JOINED), number) == encode4(number)
    assert fields.custom_data4(encode4(number), JOINED) == encode4(number), "what is shown stays"
    assert fields.custom_data4(encode4(number), JOINED, place_1=True) == encode4(JOINED), "until it is to be empty"


async def test_what_media_tries_is_shown_in_our_entry_and_joined_with_the_next_time(home: Path) -> None:
    async with realm(home) as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await right(there, JOINED.fields)
        there.rig.bus.publish(Trying(shared={"customdata4.place-1": "number"}))
        await right(there, JOINED.with_place_1("number").fields)
        await there.ask(LeaveParty())
        await there.ask(JoinParty(target=there.info["session_id"]))
        await right(there, JOINED.with_place_1("number").fields)
        there.rig.bus.publish(Trying(shared={"customdata4.place-1": "empty"}))
        await right(there, JOINED.fields)
        assert await there.control("violations") == []


async def test_our_entry_is_right_after_joining_and_again_after_a_resume(home: Path) -> None:
    async with realm(home) as there, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await right(there, JOINED.fields)
        phone = await Client(http, msgspec.convert(there.info, SimulatorInfo)).sign_in()
        path = f"{V2}/partySessions/{there.info['session_id']}/members/me"
        changed = {"customData4": encode4(CustomData4(fields=CHANGED))}
        assert (await phone.call("PATCH", path, changed)).status == 204
        muted = await there.rig.until(
            lambda: (now := there.rig.now(PartyState)) and any(m.is_me and m.muted for m in now.members), "it is seen"
        )
        assert muted
        there.rig.again("session", env=there.env)
        await right(there, ("", "AQAAAA==", "1", "0", "6.2.0", "0", "0", "0", "", "", "new"))
        assert await there.control("violations") == []


async def test_who_comes_and_goes_is_named_and_named_no_more(home: Path) -> None:
    async with realm(home) as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await right(there, JOINED.fields)
        bo = await there.person()
        assert (await bo.join()).status == 201
        await named(there, BO[0])
        assert (await bo.leave()).status == 204
        await named(there, "")
        assert [reason for reason in await reasons(there) if "MOBILE_APP" in reason and there.me in reason] == []


async def named(there: Realm, account_id: str) -> None:
    """Wait until the server shows us to name just the consoles, and that account."""
    async with asyncio.timeout(60):
        while True:
            entry = await ours(there)
            party = await there.party(there.info["session_id"]) or {"members": []}
            others = {member["accountId"] for member in party["members"]} - {there.me}
            if entry.get("customData3") and set(decode3(entry["customData3"]).others) == others:
                assert account_id in {*others, ""}
                return
            await asyncio.sleep(0.05)


async def reasons(there: Realm) -> list[str]:
    return [entry["reason"] for entry in await there.control("violations")]
