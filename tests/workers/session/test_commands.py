"""The party's commands against the real session worker and the simulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli import __main__ as entry
from common.messages import PartyState
from common.psn.party.customdata import decode3
from common.requests import CreateParty, JoinParty, SignIn
from tests.support.waiting import until
from tests.workers.session.realm import BO, Realm, realm


async def test_making_a_party_and_changing_it_reads_as_one_would_say_it(home: Path) -> None:
    async with realm(home) as there:
        await there.person()
        code, out, err = await there.cli("rename", "x")
        assert (code, out) == (1, "")
        assert err.startswith("There is no party.\n")
        code, out, err = await there.cli("create", "--name", "Friday raid")
        assert (code, err) == (0, "")
        assert out.startswith("You are in the new party “Friday raid”. Only invited people can join.\n")
        code, out, err = await there.cli("create", "--open", "--json")
        session_id = json.loads(out)["session_id"]
        assert (await there.cli("join", session_id))[1].startswith("Already in the party with nobody else yet.")
        assert (await there.cli("rename", "Saturday"))[1] == "The party is called 'Saturday' now.\n"
        assert (await there.cli("visibility", "invite-only"))[1] == "Only invited people may join the party now.\n"
        assert (await there.cli("visibility", "open"))[1] == "Friends of its members may join the party now.\n"
        assert (await there.cli("invite", "bo-streams"))[1] == "Invited Bo-Streams.\n"
        code, out, err = await there.cli("invite", "Nobody_1")
        assert (code, out) == (1, "")
        assert err.splitlines()[1] == "Check the spelling."


async def test_members_are_taken_out_by_name_and_two_devices_of_one_account_are_told_apart(home: Path) -> None:
    async with realm(home) as there:
        bo = await there.person()
        made = await there.ask(CreateParty(open=True))
        assert (await bo.join(made.session_id)).status == 201
        await there.control("enter", {"sessionId": made.session_id, "accountId": BO[0], "platform": "PS5"})
        await there.control("enter", {"sessionId": made.session_id, "accountId": there.me, "platform": "PS5"})
        state = await there.rig.until(
            lambda: (s := there.rig.now(PartyState)) and len(s.members) == 4 and s, "all are in"
        )
        assert [(m.account_id == BO[0], m.platform, m.join_order, m.is_me) for m in state.members] == [
            (False, "MOBILE_APP", 1, True), (True, "MOBILE_APP", 2, False),
            (True, "PS5", 3, False), (False, "PS5", 4, False),
        ]  # fmt: skip
        out = (await there.cli("join", made.session_id))[1]
        assert "Bo-Streams (PS5)" in out
        assert "Bo-Streams (phone)" in out
        code, out, err = await there.cli("kick", "bo-streams")
        assert (code, out) == (1, "")
        assert err.splitlines() == [
            "There are several members called 'bo-streams'.",
            'Name one of these: "Bo-Streams (PS5)", "Bo-Streams (phone)".',
        ]
        code, out, err = await there.cli("kick", "Bo-Streams (PS5)")
        assert (code, out) == (0, "Removed Bo-Streams from the party, on both devices.\n")
        await bo.event("members:deleted")
        await there.rig.until(lambda: len(there.rig.now(PartyState).members) == 2, "they are gone")  # type: ignore[union-attr]
        code, out, err = await there.cli("kick", "quiet-heron")
        assert (code, err.splitlines()[0]) == (1, "That is your own account.")
        await told(there, made.session_id)
        assert [v for v in await there.control("violations") if there.me in v["reason"]] == []


async def told(there: Realm, session_id: str) -> None:
    """Wait until our own console is named: it may wait for that."""

    async def named() -> tuple[str, ...]:
        party = await there.party(session_id) or {"members": []}
        ours = next((m for m in party["members"] if m["accountId"] == there.me and m["platform"] == "MOBILE_APP"), {})
        return decode3(ours["customData3"]).others if ours.get("customData3") else ()

    async def so() -> bool:
        return await named() == (there.me,)

    await until(so, "our own console is named", every_s=0.05)


async def test_only_the_host_takes_people_out_and_sonys_words_are_shown(home: Path) -> None:
    async with realm(home) as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        code, out, err = await there.cli("kick", "NovaKite")
        assert (code, out) == (1, "")
        assert "403 Forbidden" in err


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ({"country": "GB", "verified": False}, "this account is of the United Kingdom"),
        ({"country": "IE", "verified": False}, "this account is of Ireland"),
        ({"child": True}, "This is a child's account"),
    ],
)
async def test_an_account_that_may_not_chat_hears_the_likely_cause(
    home: Path, account: dict[str, Any], words: str
) -> None:
    async with realm(home) as there:
        me = await there.account()
        await there.control("accounts", {"accountId": me.account_id, "onlineId": me.online_id, **account})
        await there.ask(SignIn(pasted=there.info["npsso"]))
        for command in (("join", there.info["session_id"]), ("create",)):
            code, out, err = await there.cli(*command)
            assert (code, out) == (1, "")
            assert words in err
            assert "2281601" in err, "Sony's own words stand beside it"
            assert err.splitlines()[1], "and what to do"


async def test_parties_of_groups_are_listed_whatever_the_shape(home: Path) -> None:
    async with realm(home) as there:
        bo = await there.person()
        session_id = await bo.create(sessionName="Guild")
        me = (await there.account()).account_id
        group = f"~{int(me):016x}.{int(BO[0]):016x}"
        await there.control("party", {"sessionId": session_id, "groupId": group})
        for way in ("flat", "nested"):
            await there.way("party.open-parties-entry", way)
            assert "Guild" in (await there.cli("parties"))[1]


@pytest.mark.parametrize("words", ["create --open --invite-only", "visibility half", "rename", "invite", "kick"])
def test_what_is_not_understood_exits_with_2(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(words.split()) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("words", ["create", "rename x", "visibility open", "invite Bo", "kick Bo"])
def test_without_a_pipeline_it_says_how_to_start_one(
    words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PARTYLINE_CONF", str(tmp_path / "none.conf"))
    assert entry.main(words.split()) == 3
    assert capsys.readouterr().err.endswith("Start it with `partyline up`.\n")
