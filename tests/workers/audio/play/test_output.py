from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from common.basic.values import SinkKind
from tests.support.waiting import until
from workers.audio.play import output, retry_schedule
from workers.audio.play.output import Output, Reopen
from workers.audio.play.output_states import OutputEvent, OutputState
from workers.audio.sinks import Render, Sink, SinkError
from workers.audio.sinks.null import NullSink


def trouble(*, stalled: bool = False) -> SinkError:
    return SinkError("audio.no-device", "It is not there.", "Plug it in.", stalled=stalled)


class World:
    """A device that can be there or not, be steady or not, and complain."""

    def __init__(self) -> None:
        self.present = True
        self.steady = True
        self.complaint: SinkError | None = None
        self.playing = 0
        self.open = 0
        """Devices that are open, whether they play or not."""
        self.opened: list[bool] = []
        self.told: list[tuple[str, str]] = []
        self.needed = True
        self.signs_now: list[str] = []
        self.answers: list[bool] = []

    def make_sink(self, *, rescan: bool) -> Sink:
        self.opened.append(rescan)
        return FakeSink(self)

    def make_render(self, _sink: Sink) -> Render:
        return lambda block, _now_ns: block.fill(0)

    def is_needed(self) -> bool:
        return self.needed

    def signs(self) -> tuple[str, ...]:
        return tuple(self.signs_now)

    async def device_answers(self) -> bool:
        assert [kind for kind, _ in self.told[-1:]] == ["null"]  # the mix is made while it is found out
        return self.answers.pop(0)

    def on_playing(self, sink: Sink) -> None:
        self.told.append((sink.kind, ""))

    def on_problem(self, sink: Sink, error: SinkError) -> None:
        self.told.append((sink.kind, error.message))

    def on_reopening(self, sink: Sink, reason: Reopen) -> None:
        self.told.append((sink.kind, reason.message))

    def on_resting(self, sink: Sink) -> None:
        self.told.append((sink.kind, "rests"))


class FakeSink:
    kind: SinkKind = "device"
    problem = "audio.no-device"
    own_clock = True
    target = "fake"
    latency_ms = 1.0

    def __init__(self, world: World) -> None:
        self._world = world
        self._plays = False
        self._is_open = False

    def facts(self) -> dict[str, str]:
        return {}

    def missing_channels(self) -> tuple[int, ...]:
        return ()

    def open(self) -> None:
        if not self._world.present:
            raise trouble()
        self._world.open += 1
        self._is_open = True

    def park(self) -> None:
        self._world.playing -= self._plays
        self._plays = False

    def is_steady(self) -> bool:
        return self._world.steady

    def play(self, render: Render) -> None:
        self._world.playing += 1
        self._plays = True

    def poll(self) -> SinkError | None:
        return self._world.complaint

    def close(self) -> None:
        self._world.playing -= self._plays
        self._world.open -= self._is_open
        self._plays = self._is_open = False


@contextlib.asynccontextmanager
async def running(world: World) -> AsyncIterator[Output]:
    out = Output(world)
    task = asyncio.create_task(out.run(must_answer=bool(world.answers)))
    try:
        yield out
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await out.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(output, "RETRY_S", 0.01)
    monkeypatch.setattr(output, "CHECK_S", 0.01)
    monkeypatch.setattr(retry_schedule, "PROOF_S", 0.05)
    return World()


async def until_told(world: World, *expected: tuple[str, str]) -> None:
    await until(
        lambda: world.told[-len(expected) :] == list(expected),
        lambda: f"{expected} is told after {world.told}",
        within_s=20,
        every_s=0.005,
    )


PLAYS = ("device", "")
RESTS = ("null", "rests")
STANDS_IN = ("null", "It is not there.")


async def test_the_wanted_sink_plays(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        assert world.playing == 1
    assert world.playing == 0
    assert world.opened == [False]


async def test_the_null_sink_stands_in_until_the_device_appears(world: World) -> None:
    world.present = False
    async with running(world) as out:
        await until_told(world, *[STANDS_IN] * (retry_schedule.RESCAN_EVERY + 1))
        assert isinstance(out.playing, NullSink)
        world.present = True
        await until_told(world, PLAYS)
        assert world.playing == 1
    assert True in world.opened[: retry_schedule.RESCAN_EVERY + 1]  # devices are looked for again, too


async def test_a_device_that_stays_away_is_looked_for_less_often_until_something_changes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(retry_schedule, "EAGER_TRIES", 3)
    monkeypatch.setattr(retry_schedule, "SLOWER", 1000)
    tried = Output(world)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3 + 500:
            world.signs_now.append("a sound server")

    monkeypatch.setattr(output.asyncio, "sleep", sleep)
    for _ in range(4):
        assert await tried._wait_to_retry() is OutputEvent.RETRY_DUE
    assert len(slept) == 3 + 500
    assert tried._rescan  # for devices, too
    await tried._wait_to_retry()
    assert len(slept) == 3 + 500 + 1


async def test_a_device_that_went_away_is_opened_again_at_once(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        world.complaint = trouble()
        await until(lambda: len(world.opened) >= 2, "it is opened again", every_s=0)
        world.complaint = None
        await until_told(world, PLAYS, PLAYS)
    assert "null" not in [kind for kind, _ in world.told]


async def test_a_device_that_stalled_plays_on_as_soon_as_it_takes_sound_again(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN)
        assert isinstance(out.playing, NullSink)
        opened = len(world.opened)
        world.complaint = None
        world.steady = True
        await until_told(world, STANDS_IN, PLAYS)
    assert len(world.opened) - opened <= 2  # not opened anew for it, unless it took long


async def test_a_device_that_opens_but_stalls_is_opened_anew_and_not_trusted(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN, STANDS_IN, STANDS_IN)
        assert len(world.opened) >= 3
        assert world.told.count(PLAYS) == 1
        world.complaint = None
        world.steady = True
        await until_told(world, PLAYS)


async def test_another_device_that_is_asked_for_is_told_and_opened(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        out.reopen(Reopen("The other one is wanted.", "No action is needed."))
        await until_told(world, PLAYS, ("device", "The other one is wanted."), PLAYS)
        assert world.playing == 1
    assert world.opened == [False, True]


async def test_another_device_that_is_wanted_while_one_is_proved_is_opened_at_once(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN)
        assert out.state is OutputState.PROVING
        out.reopen(Reopen("The other one is wanted.", "No action is needed."))
        world.complaint = None
        world.steady = True
        await until_told(world, PLAYS)
    assert world.playing == 0


async def test_another_device_that_is_wanted_while_none_opens_is_opened_by_the_next_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry_schedule, "EAGER_TRIES", 0)
    monkeypatch.setattr(retry_schedule, "SLOWER", 100_000)
    world.present = False
    async with running(world) as out:
        await until_told(world, STANDS_IN)
        world.present = True
        out.reopen(Reopen("The other one is wanted.", "No action is needed."))
        await until_told(world, PLAYS)
    assert world.opened == [False, True]


async def test_a_native_call_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "HUNG_S", 0.05)
    never = threading.Event()
    with pytest.raises(output.HungError, match=output.NO_ANSWER):
        await output.call_native(never.wait)
    never.set()


async def test_after_a_hang_the_null_sink_plays_until_another_process_could_open_the_device(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "ANSWERS_EVERY_S", 0.01)
    monkeypatch.setattr(output, "RETRY_S", 0.01)
    world.answers = [False, False, True]
    async with running(world):
        await until_told(world, PLAYS)
    assert not world.answers
    assert all("does not answer" in message for kind, message in world.told if kind == "null")
    assert world.opened == [True]


async def test_a_device_that_is_not_needed_is_closed_and_opened_again_when_it_is(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        world.needed = False
        await until_told(world, PLAYS, RESTS)
        assert (world.open, world.playing) == (0, 0)
        assert out.state is OutputState.RESTING
        assert isinstance(out.playing, NullSink)
        assert out.resting is not None and out.resting.target == "fake"
        world.needed = True
        await until_told(world, PLAYS, RESTS, PLAYS)
        assert (world.open, world.playing, out.resting) == (1, 1, None)
    assert world.opened == [False, True]  # what came meanwhile is found
    assert world.open == 0


async def test_a_device_that_stalls_is_let_go_when_it_is_not_needed(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN)
        world.needed = False
        await until_told(world, RESTS)
        assert world.open == 0
        world.complaint, world.steady, world.needed = None, True, True
        await until_told(world, RESTS, PLAYS)


async def test_a_device_that_cannot_be_opened_is_retried_without_need_and_rests_once_it_could(world: World) -> None:
    world.present = world.needed = False
    async with running(world):
        await until_told(world, STANDS_IN, STANDS_IN)
        world.present = True
        await until_told(world, PLAYS, RESTS)
        assert world.open == 0


async def test_a_device_that_is_chosen_while_one_rests_is_opened_once_it_is_needed(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        world.needed = False
        await until_told(world, RESTS)
        out.reopen(Reopen("The other one is wanted.", "No action is needed."))
        world.needed = True
        await until_told(world, RESTS, PLAYS)
        assert out._reopen is None  # and not again for that request


async def test_a_device_that_stalls_after_the_list_changed_is_opened_anew_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry_schedule, "PROOF_S", 1000.0)
    monkeypatch.setattr(retry_schedule, "MOST_PROOF_S", 1000.0)
    async with running(world):
        await until_told(world, PLAYS)
        world.signs_now.append("a device went")  # before the stall is noticed
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN)
        await until(lambda: len(world.opened) >= 2, "it is opened again")
