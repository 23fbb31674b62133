"""A run and its folder without a pipeline: the bus is made up, and the account is not signed in."""

from __future__ import annotations

import asyncio
import signal

import pytest

from captures.scrub.verify import verify
from cli.probe import probe
from cli.probe.results import run_folder
from cli.probe.run import STEPS, ProbeRun, RunPlan
from cli.probe.steps.context import StepLimits
from cli.shared.failures import FAILED, INTERRUPTED, OK
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import AuthState
from common.messages.wire import Header, Received
from common.requests import SignIn, SignInInfo, WhoAmI
from tests.cli.probe.steps.fakes import FakeOperator
from tests.support.waiting import until

AUTH = AuthState(state="signed_out", realm="playstation")


class FakeBus:
    """A pipeline in which nobody is signed in."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.asked = []
        self._hangs = hangs

    async def start(self) -> None:
        return None

    async def subscribe(self, *_):
        yield Received(topic=AUTH.topic(), header=Header(sender="auth", boot="b", seq=1, at=1.0), message=AUTH)
        await asyncio.Event().wait()

    async def request(self, request, wait_s=10.0):
        self.asked.append(request)
        if self._hangs:
            await asyncio.Event().wait()
        return SignInInfo(auth=AUTH, store="", file="") if isinstance(request, WhoAmI) else None


def made(folder, bus: FakeBus, **plan: object) -> ProbeRun:
    plan = RunPlan(folder / "probe", Settings(), **plan)  # type: ignore[arg-type, assignment]
    return ProbeRun(bus, Paths(folder), FakeOperator(), plan, StepLimits())  # type: ignore[arg-type]


async def test_without_a_sign_in_nothing_is_tried_and_the_folder_says_why(tmp_path, capsys):
    bus = FakeBus()
    run = made(tmp_path, bus)
    await run.run()
    assert bus.asked == [WhoAmI()]
    record = run_folder.read(tmp_path / "probe")
    assert [one.state for one in record.steps] == ["failed", *["skipped"] * (len(STEPS) - 1)]
    assert record.steps[0].said.endswith(" is signed in.")  # the scrubber takes "Nobody" for a name
    assert (record.finished, record.left) == (True, None)
    assert verify(tmp_path / "probe") == run.leaks == []
    assert f"Steps: 0 done, 1 failed, {len(STEPS) - 1} skipped." in "\n".join(run.summary())
    assert probe._summary(run, None) == OK
    assert str(tmp_path / "probe") in capsys.readouterr().out


async def test_a_resumed_run_keeps_what_was_found_and_repeats_only_open_groups(tmp_path):
    first = made(tmp_path, FakeBus())
    await first.run()
    again = made(tmp_path, FakeBus(), resume=True)
    assert [one.state for one in again.record.steps] == ["failed", *["skipped"] * (len(STEPS) - 1)]
    await again.run()
    assert [one.name for one in again.record.steps] == [one.name for one in STEPS]


async def test_a_rehearsal_signs_in_first_and_its_drawn_values_are_judged(tmp_path):
    bus = FakeBus()
    run = made(tmp_path, bus, npsso="n" * 64, drawn={"rtp.clock": "16000"})
    await run.run()
    run.judge(0)
    assert bus.asked[0] == SignIn(pasted="n" * 64)
    assert [one.found for one in run_folder.read(tmp_path / "probe").drawn] == ["missed"]
    assert "0 of 1 drawn values were found." in run.summary()


async def test_ctrl_c_ends_the_run_and_is_its_exit_code(tmp_path):
    bus = FakeBus(hangs=True)
    run = made(tmp_path, bus)
    ending = asyncio.create_task(probe._until_done(run))
    await until(lambda: bus.asked, "the first request is sent", every_s=0)
    signal.raise_signal(signal.SIGINT)
    async with asyncio.timeout(30):
        assert await ending is signal.SIGINT
    assert probe._summary(run, signal.SIGINT) == INTERRUPTED
    assert run_folder.read(tmp_path / "probe").steps[0].told == ("Interrupted.",)


async def test_a_pipeline_that_is_not_up_is_an_error_and_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("cli.probe.run.UP_S", 0.0)
    bus = FakeBus()
    run = made(tmp_path, bus)
    with pytest.raises(PartylineError, match="not running yet"):
        await run.run()
    assert probe._summary(run, None) == FAILED
    assert not (tmp_path / "probe").exists()
