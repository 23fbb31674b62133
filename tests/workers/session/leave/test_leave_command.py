"""A session that was killed instead of stopped, at the end of everything: the party is left all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from cli.pipeline import leave_after_stop
from common.files.paths import Paths
from common.requests import JoinParty
from tests.workers.session.realm import realm
from workers.session.leave.pending_leaves import PendingLeave


async def stopped(home: Path, there, monkeypatch: pytest.MonkeyPatch) -> None:
    await there.ask(JoinParty(target=there.info["session_id"]))
    there.rig.processes["session"].kill()
    for name in ("signaling", "auth", "broker"):
        there.rig.processes[name].stop()
    for name, value in {**there.env, "PARTYLINE_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)


async def members(there) -> list[str]:
    return [m["accountId"] for m in (await there.party(there.info["session_id"]) or {})["members"]]


async def test_what_a_killed_session_is_still_in_is_left_by_a_process_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with realm(home) as there:
        await stopped(home, there, monkeypatch)
        assert there.me in await members(there)
        (said,) = await asyncio.to_thread(leave_after_stop.leave, there.rig.paths)
        assert "was left now" in said
        assert there.me not in await members(there)
        assert await asyncio.to_thread(leave_after_stop.leave, there.rig.paths) == []


async def test_where_it_cannot_be_left_that_is_said_and_the_next_start_tries_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with realm(home) as there:
        await stopped(home, there, monkeypatch)
        await there.control(
            "faults", {"path": "/mobile/api/sessionManager/v2/", "method": "DELETE", "status": 503, "times": 50}
        )
        said = await asyncio.to_thread(leave_after_stop.leave, there.rig.paths)
        assert "Leaving the party failed" in said[0]
        kept = msgspec.json.decode((there.rig.paths.state / "leaves.json").read_bytes())
        assert [msgspec.convert(one, PendingLeave).session_id for one in kept["leaves"]] == [there.info["session_id"]]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"place": "https://x", "phase": "joined"}', True),
        (b'{"place": "https://x", "phase": "none"}', False),
        (b'{"place": "simulator", "phase": "joined"}', False),
        (b"\xff", False),
    ],
)
def test_only_a_party_of_the_real_network_is_left_over(home: Path, content: bytes, found: bool) -> None:
    assert not leave_after_stop.is_there(Paths(home))
    (home / "state" / "session.json").write_bytes(content)
    assert leave_after_stop.is_there(Paths(home)) == found
