"""What our own member entry says, and that it is right again after a resume."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from common.messages import PartyState
from common.psn.customdata import CustomData4, decode3, decode4, encode4
from common.psn.endpoints import SimulatorInfo
from common.psn.sessions import PartyMember
from common.requests import JoinParty
from tests.session.realm import Realm, realm
from tests.simulator.client import V2, Client
from workers.session import own_data

JOINED = CustomData4()
CHANGED = ("", "AQAAAA==", "1", "0", "9.9.9", "1", "0", "0", "", "", "new")


def shown(**more: str) -> PartyMember:
    right = {"custom_data3": own_data.custom_data3("s", "1"), "custom_data4": encode4(JOINED)}
    return PartyMember(account_id="me", platform="me", **{**right, **more})


def test_what_is_right_is_not_told_again() -> None:
    assert own_data.to_tell(shown(), "s", "1") == {}


def test_version_and_mute_are_set_right_and_all_else_stays_as_it_came() -> None:
    told = own_data.to_tell(shown(custom_data4=encode4(CustomData4(fields=CHANGED))), "s", "1")
    assert decode4(told["customData4"]).fields == ("", "AQAAAA==", "1", "0", "6.2.0", "0", "0", "0", "", "", "new")
    assert set(told) == {"customData4"}


@pytest.mark.parametrize("spoilt", ["", "%%%", "e30=", encode4(CustomData4(fields=("1",)))])
def test_what_cannot_be_read_becomes_what_the_app_sends_at_join(spoilt: str) -> None:
    assert own_data.to_tell(shown(custom_data4=spoilt), "s", "1") == {"customData4": encode4(JOINED)}


def test_another_partys_custom_data3_is_told_anew() -> None:
    told = own_data.to_tell(shown(custom_data3=own_data.custom_data3("before", "1")), "s", "1")
    assert decode3(told["customData3"]).session_id == "s"


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
    assert decode3(entry["customData3"]).account_id == there.me
    assert decode3(entry["customData3"]).session_id == there.info["session_id"]


async def test_our_entry_is_right_after_joining_and_again_after_a_resume(home: Path) -> None:
    async with realm(home) as there, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await right(there, JOINED.fields)
        phone = await Client(http, msgspec.convert(there.info, SimulatorInfo)).sign_in()
        path = f"{V2}/partySessions/{there.info['session_id']}/members/me"
        changed = {"customData3": "", "customData4": encode4(CustomData4(fields=CHANGED))}
        assert (await phone.call("PATCH", path, changed)).status == 204
        muted = await there.rig.until(
            lambda: (now := there.rig.now(PartyState)) and any(m.is_me and m.muted for m in now.members), "it is seen"
        )
        assert muted
        there.rig.again("session", env=there.env)
        await right(there, ("", "AQAAAA==", "1", "0", "6.2.0", "0", "0", "0", "", "", "new"))
        assert await there.control("violations") == []
