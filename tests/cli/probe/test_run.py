"""The run as a person has it: asked at the terminal, beside a pipeline that runs already, and gone on with later.

The simulator stands in for the network, in the realm `playstation`, as in a rehearsal; nobody is at a console.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

import pytest

from captures import folder as captures
from captures.scrub.verify import verify
from cli.probe import rehearsal
from cli.probe.results import run_folder
from common.bus import Bus
from common.errors import BusUnreachableError
from common.files.paths import CHECKOUT
from common.messages import AuthState
from common.requests import SignIn
from tests.support.waiting import until

LIMIT_S = 240


async def there(bus: Bus) -> bool:
    try:
        return bool(await bus.snapshot(AuthState, wait_s=1.0))
    except BusUnreachableError:
        return False


async def signed_in(stage: rehearsal.RehearsalEnvironment) -> None:
    bus = Bus("test", stage.paths.run)
    try:
        await until(partial(there, bus), "auth runs", every_s=0.1)
        await bus.request(SignIn(pasted=stage.info.npsso), 60)
    finally:
        await bus.close()


async def probe(stage: rehearsal.RehearsalEnvironment, typed: str, *words: str) -> tuple[int, str]:
    """Run the command with that typed, and the keyboard still there; return its exit code and what it printed."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "probe", *words, cwd=CHECKOUT, env=rehearsal.environment(stage.paths),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        running.stdin.write(typed.encode())
        async with asyncio.timeout(LIMIT_S):
            printed = await running.stdout.read()
            return await running.wait(), printed.decode()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


def only_folder(home: Path) -> Path:
    (found,) = [place for place in home.iterdir() if place.name.startswith("probe-")]
    return found


@pytest.mark.alone
async def test_a_run_without_a_console_then_gone_on_with() -> None:
    async with rehearsal.rehearsal_environment({"party.view-key": "partySessions"}) as stage:
        await signed_in(stage)
        # a party: yes; the console: yes, no name, and nobody can join; their party: yes, by its link
        code, printed = await probe(stage, f"y\ny\n\n\ny\n{stage.info.party_link}\n")
        place = only_folder(stage.paths.home)
        record = run_folder.read(place)
        states = {step.name: step.state for step in record.steps}
        assert code == 0, printed
        assert (record.rehearsal, record.finished, record.left) == (False, True, True)
        assert (states["create"], states["console joins"], states["connection"]) == ("done", "skipped", "skipped")
        assert (states["leave"], states["their voice"], states["their leave"]) == ("done", "done", "done")
        found = {one.name: one for one in record.findings}
        assert (found["party.view-key"].state, found["party.view-key"].value) == ("settled", "partySessions")
        assert found["offer.first"].state == "narrowed"
        assert verify(place) == []

        before = len(captures.read(place)[0].exchanges)
        code, printed = await probe(stage, "y\nn\n", "--resume", str(place))
        again = run_folder.read(place)
        states = {step.name: step.state for step in again.steps}
        assert [states[name] for name in ("create", "console joins", "their voice")] == ["done", "skipped", "done"]
        assert "15. The console's party" not in printed, "what was finished is not repeated"
        assert len(captures.read(place)[0].exchanges) > before
        assert {one.name: one.state for one in again.findings}["party.view-key"] == "settled"
        assert verify(place) == []

        party = (await stage.control.get("state"))["parties"]
        assert [len(one["members"]) for one in party] == [1], "nobody of us is left in any party"
