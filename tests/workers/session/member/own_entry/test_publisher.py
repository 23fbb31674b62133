"""What our own member entry says, and that it is right again after a resume."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from common.messages import Member, PartyState, Trying
from common.psn.errors import NotAMemberError, ServerFaultError
from common.psn.http.endpoints import SimulatorInfo
from common.psn.party.customdata import CustomData4, decode3, decode4, encode4
from common.psn.party.sessions import PartyMember
from common.requests import JoinParty, LeaveParty
from tests.simulator.client import V2, Client
from tests.support.waiting import until
from tests.workers.session.realm import BO, Realm, realm
from workers.session.member.own_entry import schedule
from workers.session.member.own_entry.publisher import OwnEntryPublisher
from workers.session.party.call_scope import CallScope

JOINED = CustomData4()
CHANGED = ("", "AQAAAA==", "1", "0", "9.9.9", "1", "0", "0", "", "", "new")


class Calls:
    """Publishes fields. `errors` are raised first, one after the other."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.published: list[tuple[str, str]] = []

    async def publish(self, session_id: str, field: str, value: str) -> None:
        assert session_id == "s"
        if self.errors:
            raise self.errors.pop(0)
        self.published.append((field, value))


MEMBERS = (Member(account_id="1", platform="MOBILE_APP", is_me=True), Member(account_id="2", platform="PS5"))


async def run(publisher: OwnEntryPublisher, done: Callable[[], object]) -> list[NotAMemberError]:
    """Run until that holds. Return what was heard of not being a member."""
    heard: list[NotAMemberError] = []
    task = asyncio.create_task(publisher.run(heard.append))
    await until(lambda: done() or heard, "it is done, or refused", within_s=30, every_s=0.005)
    task.cancel()
    return heard


async def test_the_others_are_named_once_the_server_shows_them_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "RETRY_S", 0.01)
    calls = Calls(ServerFaultError("x", status=503))
    publisher = OwnEntryPublisher(calls)  # type: ignore[arg-type]
    publisher.set_members(MEMBERS)  # in no party yet
    publisher.start("s", CallScope())
    publisher.set_members(MEMBERS)
    assert await run(publisher, lambda: calls.published) == []
    ((field, value),) = calls.published
    assert (field, decode3(value).others) == ("customData3", ("2",))


async def test_after_a_restart_our_state_is_corrected_and_otherwise_left_alone() -> None:
    calls = Calls()
    for resumed in (False, True):
        publisher = OwnEntryPublisher(calls)  # type: ignore[arg-type]
        publisher.start("s", CallScope())
        entry = PartyMember(account_id="1", platform="MOBILE_APP", custom_data4=encode4(CustomData4(fields=CHANGED)))
        publisher.on_shown(entry, resumed=resumed)
        publisher.set_members(MEMBERS)
        await run(publisher, lambda fields=1 + 2 * resumed: len(calls.published) >= fields)
    assert [field for field, _ in calls.published] == ["customData3", "customData4", "customData3"]


async def test_who_is_no_member_says_nothing_more() -> None:
    calls, scope = Calls(NotAMemberError("x")), CallScope()
    publisher = OwnEntryPublisher(calls)  # type: ignore[arg-type]
    publisher.start("s", scope)
    publisher.set_members(MEMBERS)
    assert len(await run(publisher, lambda: False)) == 1
    scope.close()
    publisher.set_place_1("number")
    assert await publisher._step() is None
    assert (calls.published, publisher.custom_data4.place_1) == ([], "number")


# --- real workers -----------------------------------------------------------------------------------


async def ours(there: Realm) -> dict[str, Any]:
    party = await there.party(there.info["session_id"]) or {"members": []}
    return next((member for member in party["members"] if member["accountId"] == there.me), {})


async def right(there: Realm, fields: tuple[Any, ...]) -> None:
    """Wait until the server shows our customData as it must be."""

    async def shown() -> dict[str, Any] | None:
        entry = await ours(there)
        return entry if entry.get("customData3") and decode4(entry["customData4"]).fields == fields else None

    entry = await until(shown, "the server shows our customData", every_s=0.05)
    told = decode3(entry["customData3"])
    party = await there.party(there.info["session_id"]) or {"members": []}
    assert set(told.others) == {member["accountId"] for member in party["members"]} - {there.me}
    assert told.session_id == there.info["session_id"]


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

    async def so() -> bool:
        entry = await ours(there)
        party = await there.party(there.info["session_id"]) or {"members": []}
        others = {member["accountId"] for member in party["members"]} - {there.me}
        named = entry.get("customData3") and set(decode3(entry["customData3"]).others) == others
        assert not named or account_id in {*others, ""}
        return bool(named)

    await until(so, "exactly they are named", every_s=0.05)


async def reasons(there: Realm) -> list[str]:
    return [entry["reason"] for entry in await there.control("violations")]
