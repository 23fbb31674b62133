"""What people are asked to send us (logs, tap, trace, crash reports) after a busy stay on the network."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from common.files.paths import CHECKOUT
from common.messages import PartyState, PushState
from common.requests import JoinParty, LeaveParty, ListParties, SignIn, SignOut
from tests.support import leaks
from tests.support.processes import Process
from tests.workers.session.realm import Realm, realm

CRASH = """
import sys
from cli.shared import crash
def fail():
    token = sys.argv[1]
    raise ValueError(f"no use for {token}, nor for {token.encode()!r}")
try:
    fail()
except ValueError as error:
    sys.stderr.write(crash.report(error))
"""


async def test_neither_logs_nor_tap_nor_trace_nor_crash_reports_hold_a_secret(home: Path) -> None:
    since = leaks.mark()
    async with realm(home) as there:
        tap = await there.start_cli("tap", "--json")
        tapped = asyncio.create_task(tap.communicate())
        await busy(there)
        _, traced, _ = await there.cli("trace", "--json")
        tap.send_signal(signal.SIGINT)
        tap_out, tap_err = await tapped
        (home / "tap.out").write_bytes(tap_out + tap_err)
        (home / "trace.out").write_text(traced)
        given = {kind: secret for secret, kind in leaks.issued(since).items()}
        for process in list(there.rig.processes.values()):
            process.popen.send_signal(signal.SIGABRT)
            await asyncio.to_thread(process.popen.wait)
        fatal = [process.output for name, process in there.rig.processes.items() if name != "simulator"]
    assert {"npsso", "code", "access_token", "refresh_token", "id_token", "client_secret"} <= set(given)
    for word in ("auth.state", "party.state", "push.event"):
        assert word in tap_out.decode(), word
    assert "/api/authz/v3/oauth/token" in traced
    assert all("Fatal Python error: Aborted" in output for output in fatal)

    shown = crashed_command(home, given["access_token"]) + crashed_worker(home, given["refresh_token"])
    assert shown.count("[hidden]") >= 4
    assert leaks.search(home, since) == []
    (home / "log" / "planted.log").write_text(given["access_token"])
    assert leaks.search(home, since), "the search would find one"
    (home / "log" / "planted.log").unlink()


async def busy(there: Realm) -> None:
    """Sign in, join, have tokens end and calls refused, leave, sign out and in."""
    rig, info = there.rig, there.info
    await rig.until(lambda: (now := rig.now(PushState)) and now.connected, "push is open")
    await there.ask(JoinParty(target=info["party_link"]))
    await rig.joined()
    for scenario in ("tokens-expired", "storms"):
        await there.control("scenario", {"name": scenario})
        await there.ask(ListParties())
    await there.ask(LeaveParty())
    await there.state("we have left", phase="none")
    await there.ask(SignOut())
    await there.ask(SignIn(pasted=info["npsso"]))
    await rig.until(lambda: any(one.phase == "joined" for one in rig.all(PartyState)), "all of that was heard")


def crashed_command(home: Path, token: str) -> str:
    """Return what a command that fails with a token in its hands shows and writes."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH, token],
        cwd=CHECKOUT, env={**os.environ, "PARTYLINE_HOME": str(home)},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stderr + (home / "log" / "cli-crash.log").read_text()


def crashed_worker(home: Path, token: str) -> str:
    """Return what a worker that fails with a token in its hands writes."""
    process = Process("tests.common.run.naughty", home, {"NAUGHTY_TOKEN": token}, "fails-with-a-token")
    assert process.popen.wait(60) == 1
    return process.output
